"""Pix2pix: two networks, two optimizers, one step. The paper in one file.

Source: Isola et al. 2017, "Image-to-Image Translation with Conditional Adversarial Networks".
"""

import functools

import tensorflow as tf

from pix2pix_tf import (
    augmentation,
    critic,
    discriminators,
    errors,
    generators,
    losses,
    method,
    optimizers,
    palettes,
    translation,
)
from pix2pix_tf.system import hardware


class Pix2Pix(method.Method):
    """A generator that translates source into target images, and the discriminator it learns against.

    Every default is the paper's; the keywords are its ablations, and repairs of what its results suffer from.

    Args:
        image_size: side of the training images, a power of two from 16 to 1024.
        in_channels: channels of the source.
        out_channels: channels of the target.
        filters: channels after the first convolution of both networks.
        norm: "instance" (the paper's batch norm at batch size 1), "layer", "pixel", "batch" or "none", see
            `blocks.normalize`.
        dropout: share dropped in the generator's first three decoder blocks: the paper's noise.
        skips: False makes the U-Net an encoder-decoder.
        adversarial: one of `losses.ADVERSARIAL`, or None for no discriminator. "wasserstein" has clipped weights,
            "wasserstein_gp" the gradient penalty, with which a discriminator's batch norm is refused: it mixes samples.
        reconstruction: "l1", "l2" or None.
        reconstruction_weight: weight of the reconstruction loss; the adversarial one has weight 1.
        conditional: whether the discriminator sees the source beside the target.
        discriminator_layers: halvings of the PatchGAN, 0 to 6; 3 is 70x70.
        precision: "auto", "float32", "bfloat16" or "float64", see `hardware.resolve_precision`.
        learning_rate: of Adam with betas 0.5 and 0.999, for both networks.
        seed: decides initial weights and the noise of every step.
        upsampling: how the generator doubles, see `blocks.enlarge`; the paper's is "transposed".
        norm_least_side: side of the generator's smallest feature maps that have a norm, see `generators.unet`.
        discriminator_norm: of the discriminator; None is that of the generator.
        spectral: whether the discriminator's kernels are divided by their largest singular values.
        average: decay of a moving average of the generator's weights, with which it then translates; 0 is without.
        decay: share of the steps, the last ones, over which the learning rate falls to 0 in a straight line.
        augmentation: what the discriminator is shown of each pair, see `augmentation.augment`; None is the pair as it
            is.
        feature_matching_weight: weight of the differences that the discriminator's layers see between target and
            translation; 0 is without.
        palette: list of the colours that name classes in the sources, [red, green, blue] or of grey ones [lightness],
            see `palettes.find_colours`: the mean colour that each class has in the target is then a further input. None
            is without.
        total_steps: train steps of which `decay` is a share; None takes the number that `training.fit` is given.
        discriminator_filters: channels after the first convolution of the discriminator; None is as the generator.
        critic_steps: updates of the discriminator before each of the generator, each on a batch of its own.
        clip: largest size of all weights that the discriminator learns, scales and offsets of norms included, under
            "wasserstein"; None is 0.01. With another loss it is refused.
        penalty_weight: of the gradient penalty under "wasserstein_gp"; None is 10. With another loss it is refused.

    Attributes:
        generator: `keras.Model`, source (with a palette: and painted palette) to target.
        trained_generator: what translates: the generator, or its copy with averaged weights.
        discriminator: `keras.Model`, [source, target] to patch logits; None without an adversarial loss.
        config: dict of the keywords above, precision resolved; `Pix2Pix(**config)` builds the same model.

    Raises:
        ValueError: for a value outside those named.

    `translate` keeps the dropout, and the statistics of the test image itself, as the paper does at test time.

    A source may be a dict: "image", and "void", float32 (batch, image_size, image_size, 1), 1 where the target means
    nothing. No loss looks there, and the discriminator sees real and generated images with the same places blanked.

    Source: Isola et al. 2017, sections 3 (3.3 for test time) and 4, appendix 6.
    Deviation: the norm is instance norm, which at the paper's batch size 1 is what its batch norm computes.
    """

    name = "pix2pix"
    autograph = False
    generators = {"generator.keras": "trained_generator"}
    parts = (
        "generator",
        "generator_optimizer",
        "discriminator",
        "discriminator_optimizer",
        "average",
        "palette_memory",
    )

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
        upsampling="transposed",
        norm_least_side=2,
        discriminator_norm=None,
        spectral=False,
        average=0.0,
        decay=0.0,
        augmentation=None,
        feature_matching_weight=0.0,
        palette=None,
        total_steps=None,
        discriminator_filters=None,
        critic_steps=1,
        clip=None,
        penalty_weight=None,
    ):
        super().__init__(locals())
        _check_losses(adversarial, reconstruction)
        critic.check(self.config)
        critic.check_norm(self.config, discriminator_norm or norm)
        _check_repairs(self.config)
        self.image_size, self.seed, self.conditional = image_size, seed, conditional
        self.adversarial, self.reconstruction = adversarial, reconstruction
        self.reconstruction_weight, self.feature_matching_weight = reconstruction_weight, feature_matching_weight
        self.augmentation, self.colours = augmentation, palette
        dtype, self.dtype = (
            hardware.layer_dtype(self.config["precision"]),
            generators.image_dtype(self.config["precision"]),
        )
        if palette is not None:
            in_channels += out_channels
        same = {"upsampling": upsampling, "norm_least_side": norm_least_side, "seed": seed}
        self.generator = generators.unet(
            image_size, in_channels, out_channels, filters, norm, dropout, skips, dtype, **same
        )
        self.average = optimizers.MovingAverage(self.generator, average) if average else None
        self.trained_generator = self.average.network if average else self.generator
        self.palette_memory = None if palette is None else palettes.Memory(len(palette), channels=out_channels)
        self.rate = discriminator_rate = learning_rate
        if decay:  # the discriminator's falls over as many steps, each of which has several of its updates
            self.rates = tuple(
                optimizers.LinearDecay(learning_rate, *self.divide(total_steps), updates)
                for updates in (1, critic_steps)
            )
            self.rate, discriminator_rate = self.rates
        self.generator_optimizer = method.build_optimizer(self.rate, self.generator)
        self.batches_per_step = self.critic_steps = critic_steps
        self.clip, self.penalty_weight = critic.bounds(self.config)
        self.discriminator = self.discriminator_optimizer = None
        if adversarial:
            norm = discriminator_norm or norm
            channels = (in_channels if conditional else None, out_channels, discriminator_filters or filters)
            self.discriminator = discriminators.patchgan(
                *channels, discriminator_layers, norm, dtype, image_size, seed + 1, spectral
            )
            self.discriminator_optimizer = method.build_optimizer(discriminator_rate, self.discriminator)
        if self.penalty_weight is not None:
            self.precise_judge = critic.in_float32(self.discriminator)
        if feature_matching_weight:
            self.features = discriminators.with_features(self.discriminator)

    def divide(self, total_steps):
        """Return the steps before the decay of the learning rate, and those of the decay."""
        falling = round((total_steps or 0) * self.config["decay"])
        return (total_steps or 0) - falling, falling

    def train_step(self, source, target):
        """Update the discriminator, then the generator against the updated discriminator.

        Args:
            source: float32 (critic_steps x batch, image_size, image_size, in_channels) in [-1, 1], or a dict with it as
                "image", see the class. Every update of the discriminator takes its own part, the generator the last.
            target: float32 (critic_steps x batch, image_size, image_size, out_channels) in [-1, 1].

        Returns:
            Dict of scalar tensors of the last updates: "discriminator", "gradient_penalty", "generator_adversarial",
            "feature_matching" and the reconstruction loss by its name, all unweighted, those that are switched on.

        Source: Isola et al. 2017, section 3.3; the update order is that of the authors' code.
        """
        target = tf.cast(target, self.dtype)  # the data are float32
        source, kept = self.prepare(source, target, remember=True)
        *others, (source, target, kept) = critic.divide((source, target, kept), self.critic_steps)
        for own_source, own_target, own_kept in others:
            draws, fake = self.draw(own_source), self.generate(own_source)
            self.update_discriminator(own_source, own_target, fake, own_kept, draws)
        draws = self.draw(source)
        with tf.GradientTape() as tape:
            fake = self.generate(source)
            with tape.stop_recording():
                results = self.update_discriminator(source, target, fake, kept, draws) if self.adversarial else {}
            loss, generator_results = self.generator_loss(source, target, fake, kept, draws)
            loss = method.per_replica(loss)
        method.learn(self.generator_optimizer, tape, loss, self.generator)
        if self.average:
            self.average.update(self.step)
        return {**results, **generator_results}

    @property
    def step(self):
        """The steps done, an integer tensor."""
        return tf.cast(self.generator_optimizer.iterations, tf.int32)

    @property
    def updates(self):
        """The updates of the discriminator done, which decide all noise; without one the steps done."""
        return tf.cast((self.discriminator_optimizer or self.generator_optimizer).iterations, tf.int32)

    def draw(self, source):
        """Return what the next update of the discriminator does to the images that it sees; None for nothing."""
        return augmentation.draw(source, self.seed, self.updates) if self.augmentation else None

    def prepare(self, source, target, remember=False):
        """Return what the generator sees of a source, with its palette beside it, and which pixels count or None."""
        image, void = palettes.image_of(source), source.get("void") if isinstance(source, dict) else None
        image, target = tf.cast(image, self.dtype), tf.cast(target, self.dtype)
        kept = None if void is None else 1 - tf.cast(void, target.dtype)
        if self.colours is not None:
            classes = palettes.classify(image, self.colours)
            palette, pixels = palettes.measure(target, classes, len(self.colours), kept)
            image = palettes.paint(image, classes, palette)
            if remember:
                self.palette_memory.keep(palette, pixels)
        return image, kept

    def generate(self, source):
        """Run the generator as in training, with dropout noise that the update decides, for the global batch."""
        seed = tf.stack([tf.constant(self.seed), self.updates])
        fake, state = translation.run(self.generator, source, seed)
        translation.keep_statistics(self.generator, state)
        return fake

    def update_discriminator(self, source, target, fake, kept=None, draws=None):
        """Let the discriminator learn to tell target (real) from fake; return its losses by name.

        The penalty's slope is that of all the discriminator sees of an image: without void, and as it is augmented.
        """
        with tf.GradientTape() as tape:
            real_logits = self.judge(source, target, kept, draws)
            fake_logits = self.judge(source, fake, kept, draws)
            loss = losses.discriminator(real_logits, fake_logits, self.adversarial)
            results = {"discriminator": loss}
            if self.penalty_weight is not None:
                judge = functools.partial(self.judge, source, kept=kept, draws=draws, discriminator=self.precise_judge)
                penalty = critic.gradient_penalty(judge, target, fake, self.seed, self.updates)
                results["gradient_penalty"] = penalty
                loss += self.penalty_weight * penalty
            loss = method.per_replica(loss)
        method.learn(self.discriminator_optimizer, tape, loss, self.discriminator)
        if self.clip is not None:
            critic.clip(self.discriminator, self.clip)
        return results

    def generator_loss(self, source, target, fake, kept=None, draws=None):
        """Return what the generator minimizes and its unweighted parts: fool the discriminator, be near the target."""
        results, total = {}, 0.0
        if self.feature_matching_weight:
            features = functools.partial(self.features, training=True)
            *fake_features, logits = self.judge(source, fake, kept, draws, features)
            *real_features, _ = self.judge(source, target, kept, draws, features)
            results["feature_matching"] = losses.feature_matching(real_features, fake_features)
            total += self.feature_matching_weight * results["feature_matching"]
        elif self.adversarial:
            logits = self.judge(source, fake, kept, draws)
        if self.adversarial:
            results["generator_adversarial"] = losses.generator(logits, self.adversarial)
            total += results["generator_adversarial"]
        if self.reconstruction:
            results[self.reconstruction] = getattr(losses, self.reconstruction)(fake, target, kept)
            total += self.reconstruction_weight * results[self.reconstruction]
        return total, results

    def judge(self, source, image, kept=None, draws=None, discriminator=None):
        """Return the discriminator's patch logits for images, given their source if it is conditional.

        Args:
            source: as the generator sees it.
            image: (batch, image_size, image_size, channels).
            kept: 0 for pixels that it must not see, see `prepare`; None shows all.
            draws: what its augmentation does, see `augmentation.draw`.
            discriminator: function of what it sees; None is the own one in training mode.
        """
        discriminator = discriminator or functools.partial(self.discriminator, training=True)
        image = image if kept is None else image * kept
        shown = augmentation.augment(image, draws, self.augmentation, source if self.conditional else None)
        return discriminator(list(shown) if self.conditional else shown)

    def validate(self, source, target):
        """Return the losses of a batch without learning from it, by name; the noise is always the same."""
        source, kept = self.prepare(source, target)
        fake, _ = translation.run(self.trained_generator, source, tf.constant([self.seed, 0]))
        reconstruction = self.reconstruction or "l1"
        return {f"validation_{reconstruction}": getattr(losses, reconstruction)(fake, target, kept)}

    def translate(self, images, seed=None, resize=False, palette=None):
        """Translate images of any size; no variable changes.

        Args:
            images, seed, resize: as of `method.Method.translate`.
            palette: of a model with palettes, (classes, out_channels) in [-1, 1], or with an axis (batch) in front;
                None draws for each image one of those seen last in training, by the seed and the image itself.

        Returns:
            float32 array (batch, height, width, out_channels) in [-1, 1].

        Raises:
            errors.InputError: as of `method.Method.translate`, or for a palette that does not fit.
        """
        translator = self.translators[self.generator_file()]
        if self.colours is None:
            if palette is not None:
                raise errors.InputError("the model has no palettes; leave out palette")
            return translator(images, seed, resize)
        painter = palettes.Painter(translator, self.colours, self.palette_memory.palettes())
        return painter(images, seed, resize, palette)

    @classmethod
    def saved_files(cls, config):
        """Return the names of all files that `save` writes, see `method.Method.saved_files`."""
        return [*cls.generators, palettes.FILE] if config.get("palette") is not None else list(cls.generators)

    def save(self, folder):
        """Write the generator's file into a folder, and its palettes, if it has any."""
        super().save(folder)
        if self.colours is not None:
            palettes.save(folder, self.colours, self.palette_memory.palettes())

    @classmethod
    def open_translator(cls, folder, config, direction):
        """Return what translates as a run has learned to, see `method.Method.open_translator`."""
        translator = super().open_translator(folder, config, direction)
        if config["model"].get("palette") is None:
            return translator
        return palettes.Painter(translator, *palettes.load(folder))

    @classmethod
    def load(cls, folder):
        """Build the model of a run folder and give it the weights of its file, and its palettes."""
        model = super().load(folder)
        if model.colours is not None:
            model.palette_memory.recall(palettes.load(folder)[1])
        return model


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


def _check_repairs(config):
    """Raise ValueError unless the keywords that are not the paper's are possible."""
    augmentation.check(config["augmentation"])
    for name, most, usual in (("average", 0.99999, 0.999), ("decay", 1, 0.5)):
        if not 0 <= config[name] <= most:
            raise ValueError(f"{name} is {config[name]!r}; expected 0 to {most}, such as {usual}")
    needy = ("augmentation", "feature_matching_weight", "spectral", "discriminator_norm", "discriminator_filters")
    needy = [name for name in needy if config[name]]
    if needy and config["adversarial"] is None:
        raise ValueError(f"{needy[0]} is {config[needy[0]]!r} and adversarial None; expected a discriminator for it")
    channels = config["in_channels"], config["out_channels"]
    if config["palette"] is not None and channels not in ((3, 3), (1, 2)):
        raise ValueError("palette is given; expected 3 channels of source and target, or 1 and 2 to colour photographs")
