"""Pix2pix: two networks, two optimizers, one step. The paper in one file.

Source: Isola et al. 2017, "Image-to-Image Translation with Conditional Adversarial Networks".
"""

import tensorflow as tf

from pix2pix_tf import discriminators, generators, losses, method, translation
from pix2pix_tf.system import hardware


class Pix2Pix(method.Method):
    """A generator that translates source into target images, and the discriminator it learns against.

    Every default is the paper's; the keywords are its ablations.

    Args:
        image_size: side of the training images, a power of two from 16 to 1024.
        in_channels: channels of the source.
        out_channels: channels of the target.
        filters: channels after the first convolution of both networks.
        norm: "instance" (the paper's batch norm at batch size 1), "batch" or "none".
        dropout: share dropped in the generator's first three decoder blocks: the paper's noise.
        skips: False makes the U-Net an encoder-decoder.
        adversarial: "vanilla", "least_squares", "hinge", or None for no discriminator.
        reconstruction: "l1", "l2" or None.
        reconstruction_weight: weight of the reconstruction loss; the adversarial one has weight 1.
        conditional: whether the discriminator sees the source beside the target.
        discriminator_layers: halvings of the PatchGAN, 0 to 6; 3 is 70x70.
        precision: "auto", "float32", "bfloat16" or "float64", see `hardware.resolve_precision`.
        learning_rate: of Adam with betas 0.5 and 0.999, for both networks.
        seed: decides initial weights and the noise of every step.

    Attributes:
        generator: `keras.Model`, source to target.
        discriminator: `keras.Model`, [source, target] to patch logits; None without an adversarial loss.
        config: dict of the keywords above, precision resolved; `Pix2Pix(**config)` builds the same model.

    Raises:
        ValueError: for a value outside those named.

    `translate` keeps the dropout, and the statistics of the test image itself, as the paper does at test time.

    Source: Isola et al. 2017, sections 3 (3.3 for test time) and 4, appendix 6.
    Deviation: the norm is instance norm, which at the paper's batch size 1 is what its batch norm computes.
    """

    name = "pix2pix"
    parts = ("generator", "generator_optimizer", "discriminator", "discriminator_optimizer")

    def __init__(
        self,
        image_size=256,
        in_channels=3,
        out_channels=3,
        filters=64,
        norm="instance",
        dropout=0.5,
        skips=True,
        adversarial="vanilla",
        reconstruction="l1",
        reconstruction_weight=100.0,
        conditional=True,
        discriminator_layers=3,
        precision="auto",
        learning_rate=2e-4,
        seed=0,
    ):
        super().__init__(locals())
        _check_losses(adversarial, reconstruction)
        self.image_size, self.seed, self.conditional = image_size, seed, conditional
        self.adversarial, self.reconstruction = adversarial, reconstruction
        self.reconstruction_weight = reconstruction_weight
        dtype = hardware.layer_dtype(self.config["precision"])
        self.generator = generators.unet(
            image_size, in_channels, out_channels, filters, norm, dropout, skips, dtype, seed=seed
        )
        self.generator_optimizer = method.build_optimizer(learning_rate, self.generator)
        self.discriminator = self.discriminator_optimizer = None
        if adversarial:
            source_channels = in_channels if conditional else None
            self.discriminator = discriminators.patchgan(
                source_channels, out_channels, filters, discriminator_layers, norm, dtype, image_size, seed + 1
            )
            self.discriminator_optimizer = method.build_optimizer(learning_rate, self.discriminator)

    def train_step(self, source, target):
        """Update the discriminator, then the generator against the updated discriminator.

        Args:
            source: float32 (batch, image_size, image_size, in_channels) in [-1, 1].
            target: float32 (batch, image_size, image_size, out_channels) in [-1, 1].

        Returns:
            Dict of scalar tensors: "discriminator", "generator_adversarial", and the reconstruction loss by its name,
            all unweighted, those that are switched on.

        Source: Isola et al. 2017, section 3.3; the update order is that of the authors' code.
        """
        with tf.GradientTape() as tape:
            fake = self.generate(source)
            with tape.stop_recording():
                results = self.update_discriminator(source, target, fake) if self.adversarial else {}
            loss, generator_results = self.generator_loss(source, target, fake)
            loss = method.per_replica(loss)
        method.learn(self.generator_optimizer, tape, loss, self.generator)
        return {**results, **generator_results}

    def generate(self, source):
        """Run the generator as in training, with dropout noise that the step decides, for the global batch."""
        seed = tf.stack([tf.constant(self.seed), tf.cast(self.generator_optimizer.iterations, tf.int32)])
        fake, state = translation.run(self.generator, source, seed)
        translation.keep_statistics(self.generator, state)
        return fake

    def update_discriminator(self, source, target, fake):
        """Let the discriminator learn to tell target (real) from fake; return its loss, halved as in the paper."""
        with tf.GradientTape() as tape:
            real_logits = self.judge(source, target)
            fake_logits = self.judge(source, fake)
            result = losses.discriminator(real_logits, fake_logits, self.adversarial)
            loss = method.per_replica(result)
        method.learn(self.discriminator_optimizer, tape, loss, self.discriminator)
        return {"discriminator": result}

    def generator_loss(self, source, target, fake):
        """Return what the generator minimizes and its unweighted parts: fool the discriminator, be near the target."""
        results, total = {}, 0.0
        if self.adversarial:
            results["generator_adversarial"] = losses.generator(self.judge(source, fake), self.adversarial)
            total += results["generator_adversarial"]
        if self.reconstruction:
            results[self.reconstruction] = getattr(losses, self.reconstruction)(fake, target)
            total += self.reconstruction_weight * results[self.reconstruction]
        return total, results

    def judge(self, source, image):
        """Return the discriminator's patch logits for images, given their source if it is conditional."""
        return self.discriminator([source, image] if self.conditional else image, training=True)

    def validate(self, source, target):
        """Return the losses of a batch without learning from it, by name; the noise is always the same."""
        fake, _ = translation.run(self.generator, source, tf.constant([self.seed, 0]))
        reconstruction = self.reconstruction or "l1"
        return {f"validation_{reconstruction}": getattr(losses, reconstruction)(fake, target)}


def _check_losses(adversarial, reconstruction):
    """Raise ValueError unless the losses are known and at least one is on."""
    if adversarial is not None:
        losses.check(adversarial)
    if reconstruction not in (*losses.RECONSTRUCTION, None):
        raise ValueError(
            f"reconstruction is {reconstruction!r}; expected one of {', '.join(losses.RECONSTRUCTION)}, None"
        )
    if adversarial is None and reconstruction is None:
        raise ValueError("adversarial and reconstruction are both None; expected at least one loss to learn from")
