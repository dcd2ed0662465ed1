"""CycleGAN: two generators and two discriminators that learn from images without pairs. The paper in one file.

Source: Zhu et al. 2017, "Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks".
"""

import tensorflow as tf

from pix2pix_tf import (
    augmentation,
    blocks,
    critic,
    datasets,
    discriminators,
    generators,
    image_pool,
    losses,
    method,
    optimizers,
    translation,
)
from pix2pix_tf.system import hardware

GENERATORS = ("resnet", "unet")


class CycleGAN(method.Method):
    """Two generators, each of which undoes what the other does, and a discriminator for each domain.

    Every default is the paper's; the last keywords are repairs. What is named after a domain is about images of that
    domain: `discriminator_a` judges A, `cycle_a` compares A with A to B to A.

    Args:
        image_size: side of the training images, a power of two from 16 to 1024.
        blocks: residual blocks of each generator; the paper takes 9 at 256 pixels and 6 at 128.
        identity_weight: weight of the identity loss, for which a generator is given images of the domain it translates
            *to*; 0 switches it off and spares its passes.
        pool_size: generated images of the past that each discriminator learns from; 0 for none.
        cycle_weight: weight of the cycle consistency loss; the adversarial one has weight 1.
        adversarial: one of `losses.ADVERSARIAL`. "wasserstein" has clipped weights, "wasserstein_gp" the gradient
            penalty, with which a discriminator's batch norm is refused: it mixes samples.
        filters: channels after the first convolution of all networks.
        generator: "resnet" or "unet" (without dropout).
        norm: "plain_instance" (instance norm without scale and offset), "instance", "layer", "pixel", "batch" or
            "none".
        initialization: "normal", "xavier" or "he", see `blocks.initialize`.
        discriminator_layers: halvings of the PatchGAN, 0 to 6; 3 is 70x70.
        channels: channels of the images of both domains.
        precision: "auto", "float32", "bfloat16" or "float64", see `hardware.resolve_precision`.
        learning_rate: of Adam with betas 0.5 and 0.999, for all networks.
        total_steps: train steps over which the learning rate decays; None takes the number that `training.fit` is
            given, and 0 keeps the rate as it is.
        constant_steps: steps before the decay; None is half of total_steps.
        seed: decides initial weights and what the pools exchange.
        upsampling: how the generators double, see `generators.resnet`; the paper's is "transposed".
        input_skip: whether ResNets begin with the image nearly as it is and learn what to change, see there.
        discriminator_norm: of the discriminators; None is that of the generators.
        spectral: whether the discriminators' kernels are divided by their largest singular values.
        average: decay of a moving average of the generators' weights, with which they then translate; 0 is without.
        augmentation: what the discriminators are shown of each image, see `augmentation.augment`; None is the image as
            it is.
        critic_steps: updates of the discriminators between two of the generators, each on a batch of its own.
        clip: largest size of all weights that the discriminators learn, scales and offsets of norms included, under
            "wasserstein"; None is 0.01. With another loss it is refused.
        penalty_weight: of the gradient penalty under "wasserstein_gp"; None is 10. With another loss it is refused.

    Attributes:
        generator_a_to_b: `keras.Model`, images of A to images of B.
        generator_b_to_a: `keras.Model`, images of B to images of A.
        trained_a_to_b, trained_b_to_a: what translates: the generators, or their copies with averaged weights.
        discriminator_a: `keras.Model`, images of A to patch logits.
        discriminator_b: `keras.Model`, images of B to patch logits.
        config: dict of the keywords above, precision resolved; `CycleGAN(**config)` builds the same model.

    Raises:
        ValueError: for a value outside those named.

    Source: Zhu et al. 2017, sections 3 and 4, appendix 7.
    """

    name = "cyclegan"
    autograph = False
    paired = False
    generators = {f"generator_{direction}.keras": f"trained_{direction}" for direction in datasets.DIRECTIONS}
    parts = (
        "generator_a_to_b",
        "generator_b_to_a",
        "discriminator_a",
        "discriminator_b",
        "generator_optimizer",
        "discriminator_optimizer",
        "pool_a",
        "pool_b",
        "average_a_to_b",
        "average_b_to_a",
    )

    def __init__(
        self,
        image_size=256,
        blocks=9,
        identity_weight=5.0,
        pool_size=50,
        cycle_weight=10.0,
        adversarial="least_squares",
        filters=64,
        generator="resnet",
        norm="plain_instance",
        initialization="normal",
        discriminator_layers=3,
        channels=3,
        precision="auto",
        learning_rate=2e-4,
        total_steps=None,
        constant_steps=None,
        seed=0,
        upsampling="transposed",
        discriminator_norm=None,
        spectral=False,
        average=0.0,
        augmentation=None,
        critic_steps=1,
        clip=None,
        penalty_weight=None,
        input_skip=False,
    ):
        super().__init__(locals())
        _check(self.config)
        self.image_size, self.adversarial, self.seed, self.augmentation = image_size, adversarial, seed, augmentation
        self.mixes = "batch" in (norm, discriminator_norm or norm)
        self.cycle_weight, self.identity_weight = cycle_weight, identity_weight
        networks = _build_networks(self.config)
        self.generator_a_to_b, self.generator_b_to_a, self.discriminator_a, self.discriminator_b = networks
        self.average_a_to_b, self.average_b_to_a = (
            optimizers.MovingAverage(network, average) if average else None for network in networks[:2]
        )
        self.trained_a_to_b, self.trained_b_to_a = (
            follower.network if follower else network
            for follower, network in zip((self.average_a_to_b, self.average_b_to_a), networks[:2], strict=True)
        )
        self.batches_per_step = self.critic_steps = critic_steps
        self.clip, self.penalty_weight = critic.bounds(self.config)
        self.rates = tuple(
            optimizers.LinearDecay(learning_rate, *self.divide(total_steps), updates) for updates in (1, critic_steps)
        )
        self.rate, discriminator_rate = self.rates
        self.generator_optimizer = method.build_optimizer(self.rate, self.generator_a_to_b, self.generator_b_to_a)
        self.discriminator_optimizer = method.build_optimizer(
            discriminator_rate, self.discriminator_a, self.discriminator_b
        )
        if self.penalty_weight is not None:
            self.precise_judges = [
                critic.in_float32(network) for network in (self.discriminator_a, self.discriminator_b)
            ]
        self.dtype = generators.image_dtype(self.config["precision"])
        self.pool_a, self.pool_b = (
            image_pool.ImagePool(image_size, channels, pool_size, pool_seed, self.dtype)
            for pool_seed in (2 * seed, 2 * seed + 1)
        )

    def divide(self, total_steps):
        """Return the steps before the decay of the learning rate (half of all, if it is not said), and in it."""
        total, constant = total_steps or 0, self.config["constant_steps"]
        constant = total // 2 if constant is None else min(constant, total)
        return constant, total - constant

    def train_step(self, batch_a, batch_b):
        """Update both generators against the discriminators as they are, then both discriminators on pooled images.

        With several critic steps all but the last update of the discriminators come before the generators'.

        Args:
            batch_a: float32 (critic_steps x batch, image_size, image_size, channels) in [-1, 1], images of domain A.
                Every update of the discriminators takes its own part, the generators the last.
            batch_b: the same of domain B; nothing pairs the two.

        Returns:
            Dict of scalar tensors of the last updates, all unweighted: "generator_adversarial_a", "cycle_a",
            "identity_a" and "gradient_penalty_a" (if they are switched on) and "discriminator_a", and the same of B.

        Source: Zhu et al. 2017, section 3; the order of the updates is that of the authors' code.
        """
        batch_a, batch_b = tf.cast(batch_a, self.dtype), tf.cast(batch_b, self.dtype)  # the data are float32
        *others, (batch_a, batch_b) = critic.divide((batch_a, batch_b), self.critic_steps)
        for own_a, own_b in others:
            fake_a, fake_b = self.generator_b_to_a(own_b, training=True), self.generator_a_to_b(own_a, training=True)
            self.update_discriminators(own_a, own_b, fake_a, fake_b, self.draw(own_a, own_b))
        draws = self.draw(batch_a, batch_b)
        with tf.GradientTape() as tape:
            fake_a, fake_b, same_a, same_b = self.generate(batch_a, batch_b)
            cycled_a = self.generator_b_to_a(fake_b, training=True)
            cycled_b = self.generator_a_to_b(fake_a, training=True)
            results = self.adversarial_losses(fake_a, fake_b, draws)
            results |= {"cycle_a": losses.l1(cycled_a, batch_a), "cycle_b": losses.l1(cycled_b, batch_b)}
            if self.identity_weight:
                results |= {"identity_a": losses.l1(same_a, batch_a), "identity_b": losses.l1(same_b, batch_b)}
            loss = method.per_replica(self.generator_loss(results))
        method.learn(self.generator_optimizer, tape, loss, self.generator_a_to_b, self.generator_b_to_a)
        for average in filter(None, (self.average_a_to_b, self.average_b_to_a)):
            average.update(self.generator_optimizer.iterations)
        return results | self.update_discriminators(batch_a, batch_b, fake_a, fake_b, draws)

    def draw(self, batch_a, batch_b):
        """Return what the next update of the discriminators does to the images of A and of B that they see, or None."""
        if self.augmentation is None:
            return None, None
        number = 2 * self.updates
        return augmentation.draw(batch_a, self.seed, number), augmentation.draw(batch_b, self.seed, number + 1)

    @property
    def updates(self):
        """The updates of the discriminators done, an integer tensor."""
        return tf.cast(self.discriminator_optimizer.iterations, tf.int32)

    def generate(self, batch_a, batch_b):
        """Translate both batches, and give each generator the images of its own target domain if identity counts.

        Returns:
            Images that look like A, like B, A as the generator to A returns it, B as the generator to B does.
        """
        if not self.identity_weight:
            fake_a, fake_b = (
                self.generator_b_to_a(batch_b, training=True),
                self.generator_a_to_b(batch_a, training=True),
            )
            return fake_a, fake_b, None, None
        fake_b, same_b = self.passes(self.generator_a_to_b, batch_a, batch_b)
        fake_a, same_a = self.passes(self.generator_b_to_a, batch_b, batch_a)
        return fake_a, fake_b, same_a, same_b

    def passes(self, network, first, second):
        """Run a network on two batches, at once unless its norm would mix them."""
        if self.mixes:
            return network(first, training=True), network(second, training=True)
        return tf.split(network(tf.concat([first, second], axis=0), training=True), 2)

    def adversarial_losses(self, fake_a, fake_b, draws=(None, None)):
        """Return how little the translated images of each domain pass for real ones, by name."""
        shown_a, shown_b = (
            augmentation.augment(fake, own, self.augmentation)
            for fake, own in zip((fake_a, fake_b), draws, strict=True)
        )
        logits_a, logits_b = self.discriminator_a(shown_a, training=True), self.discriminator_b(shown_b, training=True)
        return {
            "generator_adversarial_a": losses.generator(logits_a, self.adversarial),
            "generator_adversarial_b": losses.generator(logits_b, self.adversarial),
        }

    def generator_loss(self, results):
        """Return what the generators minimize: the weighted sum of their losses."""
        weights = {"generator_adversarial": 1.0, "cycle": self.cycle_weight, "identity": self.identity_weight}
        return sum(weights[name.rsplit("_", 1)[0]] * result for name, result in results.items())

    def update_discriminators(self, batch_a, batch_b, fake_a, fake_b, draws=(None, None)):
        """Let each discriminator learn to tell real from pooled images; return their losses, halved as in the paper."""
        shown_a, shown_b = self.pool_a(fake_a), self.pool_b(fake_b)
        with tf.GradientTape() as tape:
            results = {
                "discriminator_a": self.discriminator_loss(self.discriminator_a, batch_a, shown_a, draws[0]),
                "discriminator_b": self.discriminator_loss(self.discriminator_b, batch_b, shown_b, draws[1]),
            }
            loss = results["discriminator_a"] + results["discriminator_b"]
            if self.penalty_weight is not None:
                penalties = self.gradient_penalties((batch_a, batch_b), (shown_a, shown_b), draws)
                results |= penalties
                loss += self.penalty_weight * sum(penalties.values())
            loss = method.per_replica(loss)
        method.learn(self.discriminator_optimizer, tape, loss, self.discriminator_a, self.discriminator_b)
        if self.clip is not None:
            critic.clip(self.discriminator_a, self.clip)
            critic.clip(self.discriminator_b, self.clip)
        return results

    def gradient_penalties(self, real, fake, draws):
        """Return the penalties of both discriminators by name; arguments are of A and of B."""
        penalties = {}
        for domain, name in enumerate("ab"):

            def judge(images, domain=domain):
                return self.precise_judges[domain](augmentation.augment(images, draws[domain], self.augmentation))

            penalties[f"gradient_penalty_{name}"] = critic.gradient_penalty(
                judge, real[domain], fake[domain], self.seed, 2 * self.updates + domain
            )
        return penalties

    def discriminator_loss(self, discriminator, real, fake, draws=None):
        """Return the loss of one discriminator."""
        real, fake = (augmentation.augment(shown, draws, self.augmentation) for shown in (real, fake))
        return losses.discriminator(*self.passes(discriminator, real, fake), self.adversarial)

    def validate(self, batch_a, batch_b):
        """Return how far images are from what comes back of them, by name; no variable changes."""
        a_to_b, b_to_a = (
            lambda images, network=network: translation.run(network, images, tf.constant([0, 0]))[0]
            for network in (self.trained_a_to_b, self.trained_b_to_a)
        )
        return {
            "validation_cycle_a": losses.l1(b_to_a(a_to_b(batch_a)), batch_a),
            "validation_cycle_b": losses.l1(a_to_b(b_to_a(batch_b)), batch_b),
        }

    def translate(self, images, direction="a_to_b", resize=False):
        """Translate images of any size, one by one; no variable changes.

        Args:
            images: float32 (batch, height, width, channels) in [-1, 1].
            direction: "a_to_b" or "b_to_a".
            resize: True resizes to the trained size and back; False pads to the network's multiple by reflection and
                crops.

        Returns:
            float32 array (batch, height, width, channels) in [-1, 1].

        Raises:
            errors.InputError: for another direction, or if images have another rank or number of channels, or are too
                large.
        """
        return self.translators[self.generator_file(direction)](images, resize=resize)

    def preview(self, source, target):
        """Return what a preview shows of images of A and B, column by column: name to images in [-1, 1]."""
        fake_b, fake_a = self.translate(source), self.translate(target, "b_to_a")
        return {
            "A": source,
            "A to B": fake_b,
            "A to B to A": self.translate(fake_b, "b_to_a"),
            "B": target,
            "B to A": fake_a,
            "B to A to B": self.translate(fake_a),
        }


def _check(config):
    """Raise ValueError unless the names and numbers are possible that no network checks."""
    losses.check(config["adversarial"])
    critic.check(config)
    critic.check_norm(config, config["discriminator_norm"] or config["norm"])
    augmentation.check(config["augmentation"])
    if not 0 <= config["average"] < 1:
        raise ValueError(f"average is {config['average']!r}; expected 0 or more and less than 1, such as 0.999")
    if config["generator"] not in GENERATORS:
        raise ValueError(f"generator is {config['generator']!r}; expected one of {', '.join(GENERATORS)}")
    if config["input_skip"] and config["generator"] != "resnet":
        raise ValueError(f"input_skip is True and generator {config['generator']!r}; expected 'resnet' for it")
    if not isinstance(config["pool_size"], int) or config["pool_size"] < 0:
        raise ValueError(f"pool_size is {config['pool_size']!r}; expected 0 or more, such as 50")
    constant, total = config["constant_steps"], config["total_steps"]
    if total is not None and (not isinstance(total, int) or total < 0):
        raise ValueError(f"total_steps is {total!r}; expected 0 or more, or None")
    if constant is not None and (constant < 0 or (total is not None and constant > total)):
        raise ValueError(f"constant_steps is {constant}; expected 0 to total_steps, which is {total}")


def _build_networks(config):
    """Build generators A to B and B to A and the discriminators of A and B, each from a seed of its own."""
    size, channels, filters, norm = (config[name] for name in ("image_size", "channels", "filters", "norm"))
    dtype, seeds = hardware.layer_dtype(config["precision"]), blocks.seeds(config["seed"])
    built = []
    for _ in datasets.DIRECTIONS:
        options = {"filters": filters, "norm": norm, "dtype": dtype, "seed": next(seeds)}
        options["upsampling"] = config["upsampling"]
        if config["generator"] == "resnet":
            own = {"blocks": config["blocks"], "input_skip": config["input_skip"]}
            built.append(generators.resnet(size, channels, channels, **own, **options))
        else:
            built.append(generators.unet(size, channels, channels, dropout=0, **options))
    for _ in datasets.DIRECTIONS:
        layers, seed = config["discriminator_layers"], next(seeds)
        own_norm = config["discriminator_norm"] or norm
        channels_and_width = (None, channels, filters)
        built.append(
            discriminators.patchgan(*channels_and_width, layers, own_norm, dtype, size, seed, config["spectral"])
        )
    for network, seed in zip(built, seeds, strict=False):
        if config["initialization"] != "normal":
            blocks.initialize(network, config["initialization"], seed)
    return built
