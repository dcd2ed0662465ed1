"""What GANs that draw from noise have in common: the step of two players, losses, samples, classes.

Source: Goodfellow et al. 2014, "Generative Adversarial Nets"; Mirza and Osindero 2014, "Conditional Generative
Adversarial Nets".
"""

import keras
import tensorflow as tf

from pix2pix_tf import critic, errors, generators, images, losses, method, optimizers, translation
from pix2pix_tf.system import hardware, replicas

OPTIMIZERS = ("adam", "rmsprop")
STREAM = 0x6C61746E  # keeps the noise of the steps apart from other draws of (seed, step)
VALIDATED = 16  # generated samples that a validation loss is taken of
NO_CLASSES = "or put the images of each class into a folder of its own"


class FromNoise(method.Method):
    """A generator that makes samples of noise, a discriminator, and their step; a subclass has `build` and `preview`.

    A class, where there are any, is given to both networks as a one-hot vector, and generated samples have the classes
    of the real ones beside them.
    """

    translates = paired = autograph = False
    parts = ("generator", "generator_optimizer", "discriminator", "discriminator_optimizer")
    usual_penalty_weight = critic.PENALTY_WEIGHT  # where none is given

    def __init__(self, keywords):
        super().__init__(keywords)
        _check(self.config)
        for name in ("adversarial", "classes", "critic_steps", "generator_steps", "latent", "seed"):
            setattr(self, name, self.config[name])
        self.batches_per_step = self.critic_steps
        self.dtype = generators.image_dtype(self.config["precision"])
        self.generator, self.discriminator = self.build(hardware.layer_dtype(self.config["precision"]))
        self.clip, self.penalty_weight = critic.bounds(self.config, self.usual_penalty_weight)
        self.precise_judge = None if self.penalty_weight is None else critic.in_float32(self.discriminator)
        rate = self.config["learning_rate"]
        own_rate = self.config["discriminator_learning_rate"]
        self.generator_optimizer = self.build_optimizer(rate, self.generator)
        self.discriminator_optimizer = self.build_optimizer(rate if own_rate is None else own_rate, self.discriminator)

    def build_optimizer(self, rate, network):
        """Return the optimizer of one network, its moments included."""
        if self.config["optimizer"] == "rmsprop":
            optimizer = keras.optimizers.RMSprop(rate, rho=0.99, epsilon=1e-8)
        else:
            optimizer = optimizers.Adam(rate, self.config["beta_1"], self.config["beta_2"])
        optimizer.build(network.trainable_variables)
        return optimizer

    def train_step(self, source, target):
        """Update the discriminator, then the generator, by what the updated discriminator says of the same samples.

        Args:
            source: int32 (batch,), the number of each sample's class; it is not looked at without classes.
            target: float32 (batch, ...), real samples; every update of the discriminator takes its own part of them.

        Returns:
            Dict of scalar tensors of the last updates: "discriminator", the sum of its terms of real and of fake
            (vanilla: 2 ln 2 = 1.386 where it cannot tell them; Wasserstein: minus its estimate of the distance),
            "gradient_penalty", unweighted, if there is one, and "generator_adversarial".

        Source: Goodfellow et al. 2014, algorithm 1; Radford et al. 2016, section 4; real and fake samples go through
        the discriminator as separate batches, and its two terms are added, as in PyTorch's example of DCGAN.
        """
        examples = tf.cast(target, self.dtype), self.encode(source)
        *others, (real, condition) = critic.divide(examples, self.critic_steps)
        for own, own_condition in others:
            fake = self.generate(own_condition, tf.shape(own)[0], self.discriminator_optimizer)
            self.update_discriminator(own, fake, own_condition)
        with tf.GradientTape() as tape:
            fake = self.generate(condition, tf.shape(real)[0], self.discriminator_optimizer)
            with tape.stop_recording():
                results = self.update_discriminator(real, fake, condition)
            result = self.generator_loss(fake, condition)
            loss = method.per_replica(result)
        method.learn(self.generator_optimizer, tape, loss, self.generator)
        for _ in range(self.generator_steps - 1):
            result = self.update_generator(condition, tf.shape(real)[0])
        return {**results, "generator_adversarial": result}

    def update_discriminator(self, real, fake, condition):
        """Let the discriminator learn to tell real from fake samples; return its losses by name."""
        with tf.GradientTape() as tape:
            loss = self.discriminator_loss(self.judge(real, condition), self.judge(fake, condition))
            results = {"discriminator": loss}
            if self.penalty_weight is not None:
                results["gradient_penalty"] = self.gradient_penalty(real, fake, condition)
                loss += self.penalty_weight * results["gradient_penalty"]
            loss = method.per_replica(loss)
        method.learn(self.discriminator_optimizer, tape, loss, self.discriminator)
        if self.clip is not None:
            critic.clip(self.discriminator, self.clip)
        return results

    def gradient_penalty(self, real, fake, condition):
        """Return the critic's penalty between real and fake samples, see `critic.gradient_penalty`."""

        def judge(samples):
            return self.precise_judge(_join(samples, condition))

        return critic.gradient_penalty(judge, real, fake, self.seed, self.count(self.discriminator_optimizer))

    def update_generator(self, condition, count):
        """Let the generator learn once more, from other noise; return its loss."""
        with tf.GradientTape() as tape:
            result = self.generator_loss(self.generate(condition, count, self.generator_optimizer), condition)
            loss = method.per_replica(result)
        method.learn(self.generator_optimizer, tape, loss, self.generator)
        return result

    def discriminator_loss(self, real_logits, fake_logits):
        """Return the sum of the discriminator's two terms; of a critic minus the distance that it sees."""
        return losses.discriminator(real_logits, fake_logits, self.adversarial, halved=False)

    def generator_loss(self, fake, condition):
        """Return how little generated samples pass for real ones."""
        return losses.generator(self.judge(fake, condition), self.adversarial)

    def count(self, optimizer):
        """Return the updates of an optimizer so far, int32."""
        return tf.cast(optimizer.iterations, tf.int32)

    def generate(self, condition, count, optimizer):
        """Return what the generator makes of noise that the updates of an optimizer decide, of the global batch."""
        stream = STREAM + (optimizer is self.generator_optimizer)
        seed = tf.stack([tf.constant(self.seed ^ stream), self.count(optimizer)])
        shape = [count * replicas.count(), self.latent]
        noise = replicas.own_part(tf.random.stateless_normal(shape, seed, alg="philox"), count)
        return self.generator(_join(tf.cast(noise, self.dtype), condition), training=True)

    def judge(self, samples, condition):
        """Return the discriminator's logits of samples, (batch, 1)."""
        return self.discriminator(_join(samples, condition), training=True)

    def encode(self, classes):
        """Return the one-hot vectors of classes (batch,), or None if the model has no classes."""
        return None if self.classes is None else tf.one_hot(classes, len(self.classes), dtype=self.dtype)

    def validate(self, source, target):
        """Return the discriminator's loss of real samples, beside some that are always of the same noise, by name."""
        condition = self.encode(source)
        noise = tf.random.stateless_normal([VALIDATED, self.latent], [self.seed, 0], dtype=self.dtype, alg="philox")
        of_fake = None if condition is None else tf.repeat(condition[:1], VALIDATED, axis=0)
        fake = self.generator(_join(noise, of_fake), training=False)
        real = _join(tf.cast(target, self.dtype), condition)
        logits = (self.discriminator(shown, training=False) for shown in (real, _join(fake, of_fake)))
        return {"validation_discriminator": self.discriminator_loss(*logits)}

    @property
    def sampler(self):
        """What draws samples with the generator as it is, `translation.Sampler`."""
        return translation.Sampler(self.generator, self.classes)

    def sample(self, count, seed=0, classes=None):
        """Draw samples; no variable changes; arguments and result as of `translation.Sampler`."""
        return self.sampler(count, seed, classes)

    def translate(self, images, seed=None, resize=False):
        """Refuse: there is nothing to translate."""
        raise errors.InputError(f"{self.name} translates nothing; draw samples with sample(count, seed)")

    def check_data(self, samples, batch_size):
        """Raise InputError unless the networks fit a set, and a batch of it."""
        if tuple(samples.shape) != self.sampler.shape:
            made, found = ("x".join(map(str, shape)) for shape in (self.sampler.shape, samples.shape))
            raise errors.InputError(f"the model makes samples of {made}, and those of {samples.name} are {found}")
        if self.classes is not None and tuple(self.classes) != samples.classes:
            said = "has no classes" if not samples.classes else f"has the classes {', '.join(samples.classes)}"
            raise errors.InputError(f"the model has the classes {', '.join(self.classes)}, and {samples.name} {said}")
        if batch_size > len(samples):
            raise errors.InputError(
                f"batch size is {batch_size}, and {samples.name} has {len(samples)} images of split {samples.split}; "
                "choose a smaller batch or add images"
            )

    def check_values(self, source, target):
        """Raise InputError unless a batch of images holds some; points may have any values."""
        if len(target.shape) == 4:
            images.check_values(target, "target")

    @classmethod
    def fit_to(cls, keywords, samples):
        """Return the keywords with those that a set decides.

        Args:
            keywords: dict; "classes" says by True or names that the classes of the set are wanted.
            samples: `datasets.samples.Samples`.

        Raises:
            errors.InputError: if classes are wanted and the set has none.
        """
        classes = None
        if keywords.get("classes"):
            if not samples.classes:
                raise errors.InputError(f"{samples.name}: has no classes; leave out --classes, {NO_CLASSES}")
            classes = list(samples.classes)
        return {**keywords, "classes": classes}

    @classmethod
    def open_sampler(cls, folder, config):
        """Return what draws samples as the run in a folder has learned to, without building the whole method.

        Args:
            folder, config: as of `method.Method.open_translator`.

        Returns:
            `translation.Sampler`.
        """
        (name,) = cls.generators
        generator = translation.load(folder / name, config["model"].get("precision", "auto"))
        return translation.Sampler(generator, config["model"].get("classes"))


def _join(inputs, condition):
    """Return the inputs of a network: with classes, a list of two."""
    return inputs if condition is None else [inputs, condition]


def _check(config):
    """Raise ValueError unless the names and numbers are possible that no network checks."""
    losses.check(config["adversarial"])
    critic.check(config)
    generators.check_count("generator_steps", config["generator_steps"])
    if config["critic_steps"] > 1 and config["generator_steps"] > 1:
        raise ValueError("critic_steps and generator_steps are both more than 1; expected one of them to be 1")
    if config["optimizer"] not in OPTIMIZERS:
        raise ValueError(f"optimizer is {config['optimizer']!r}; expected one of {', '.join(OPTIMIZERS)}")
    for name in ("learning_rate", "discriminator_learning_rate"):
        if config[name] is not None and config[name] < 0:
            raise ValueError(f"{name} is {config[name]!r}; expected 0 or more")
    for name in ("beta_1", "beta_2"):
        if not 0 <= config[name] < 1:
            raise ValueError(f"{name} is {config[name]!r}; expected 0 or more and less than 1")
    if config["classes"] is not None and not 0 < len(config["classes"]) == len(set(config["classes"])):
        raise ValueError(f"classes is {config['classes']!r}; expected different names, or None")
