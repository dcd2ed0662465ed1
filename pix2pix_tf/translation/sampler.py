"""Draw from a trained generator of noise: by seed, class by class, and no trace left behind."""

import numpy as np

from pix2pix_tf import errors
from pix2pix_tf.translation import noise as seeds

PART = 64  # samples that are made at a time


class Sampler:
    """Draws samples with one generator, whose variables stay as they are.

    A batch norm takes its moving statistics, so that a sample does not depend on those drawn beside it.

    Args:
        generator: `keras.Model` from noise (batch, n), or from [noise, one-hot classes (batch, classes)], to images or
            points.
        classes: names of its classes in the order of their numbers; None without.

    Attributes:
        classes: tuple of names, empty without.
        latent: numbers of noise that one sample is made from.
        shape: of one sample: (height, width, channels) of an image, (2,) of a point.
    """

    def __init__(self, generator, classes=None):
        self.generator, self.classes = generator, tuple(classes or ())
        self.latent, self.shape = generator.inputs[0].shape[1], tuple(generator.outputs[0].shape[1:])

    def __call__(self, count, seed=0, classes=None):
        """Draw samples; the first of many are those that are drawn of few.

        Args:
            count: how many.
            seed: decides the noise.
            classes: name of the class of all, or the class of each, by name or number; None takes all in turn.

        Returns:
            float32 array (count, height, width, channels) in [-1, 1], or points (count, 2).

        Raises:
            errors.InputError: for a class that is none, or if there are no classes.
        """
        return self.make(self.draw_noise(count, seed), self.number_classes(count, classes))

    def draw_noise(self, count, seed=0):
        """Return noise that a seed decides, float32 (count, latent) from N(0, 1)."""
        return np.random.default_rng(seeds.check_seed(seed)).standard_normal((count, self.latent), np.float32)

    def make(self, noise, classes=None):
        """Make a sample of each noise, which need not be drawn: between two noises lies a walk from one to the other.

        Args:
            noise: float32 (n, latent).
            classes: number of the class of each, (n,), or weights of all classes (n, classes); None without classes.

        Returns:
            As `__call__`.
        """
        inputs = [np.asarray(noise, np.float32)]
        if self.classes:
            weights = np.asarray(classes)
            inputs.append(weights if weights.ndim == 2 else np.eye(len(self.classes), dtype=np.float32)[weights])
        parts = [[one[start : start + PART] for one in inputs] for start in range(0, len(noise), PART)]
        made = [np.asarray(self.generator(part if self.classes else part[0], training=False)) for part in parts]
        return np.concatenate([np.zeros((0, *self.shape), np.float32), *made])

    def number_classes(self, count, classes=None):
        """Return the number of the class of each of `count` samples, int array, or None without classes."""
        if not self.classes:
            if classes is not None:
                raise errors.InputError(f"class {classes}: it has learned no classes; leave it out")
            return None
        if classes is None:
            return np.arange(count) % len(self.classes)
        if isinstance(classes, (str, int, np.integer)):
            return np.full(count, self._number(classes))
        numbers = np.array([self._number(one) for one in classes], int)
        if len(numbers) != count:
            raise errors.InputError(f"{len(numbers)} classes for {count} samples; expected one for each")
        return numbers

    def _number(self, name):
        """Return the number of a class; a name that is a number is a name."""
        if name in self.classes:
            return self.classes.index(name)
        if isinstance(name, (int, np.integer)) and 0 <= name < len(self.classes):
            return int(name)
        raise errors.InputError(f"class {name}: is none; expected one of {', '.join(errors.first(list(self.classes)))}")
