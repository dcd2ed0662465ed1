"""GAN for points and DCGAN for small images, both with classes or without: their networks, and what a preview shows.

The step that both have is in `from_noise`.

Source: Goodfellow et al. 2014, "Generative Adversarial Nets"; Radford et al. 2016, "Unsupervised Representation
Learning with Deep Convolutional Generative Adversarial Networks".
"""

import numpy as np

from pix2pix_tf import critic, discriminators, from_noise, generators

ROWS = 8  # of a preview
MOST_COLUMNS = 12


class GAN(from_noise.FromNoise):
    """Dense networks for points in the plane: the smallest GAN, of which everything can be seen.

    Args:
        latent: numbers of noise, from N(0, 1), that one point is made from.
        width: units of every hidden layer of both networks.
        layers: hidden layers of both networks.
        dimensions: coordinates of a point.
        classes: names of the classes that both networks are given; None is without.
        adversarial: one of `losses.ADVERSARIAL`: "wasserstein" has clipped weights, "wasserstein_gp" the gradient
            penalty.
        critic_steps: updates of the discriminator before each of the generator, each on a batch of its own.
        penalty_weight: of the gradient penalty; None is 0.1. With another loss it is refused.
        clip: largest size of all weights that the discriminator learns, under "wasserstein"; None is 0.01. With another
            loss it is refused.
        generator_steps: updates of the generator after each of the discriminator; more than 1 is an impatient one.
        optimizer: "adam" or "rmsprop".
        learning_rate: of the generator.
        discriminator_learning_rate: of the discriminator; None is that of the generator.
        beta_1, beta_2: of Adam.
        precision: "auto" (here float32), "float32", "bfloat16" or "float64".
        seed: decides initial weights and the noise of every step.

    Attributes:
        generator: `keras.Model`, noise (with classes: and one-hot classes) to points.
        discriminator: `keras.Model`, points (with classes: and one-hot classes) to logits (batch, 1).
        config: dict of the keywords above, precision resolved; `GAN(**config)` builds the same model.

    Raises:
        ValueError: for a value outside those named.

    Source: Goodfellow et al. 2014; networks and size from Gulrajani et al. 2017, the authors' toy.
    """

    name = "gan"
    usual_penalty_weight = 0.1
    picture = "clouds"
    previewed = 1000

    def __init__(
        self,
        latent=2,
        width=512,
        layers=3,
        dimensions=2,
        classes=None,
        adversarial="vanilla",
        critic_steps=1,
        penalty_weight=None,
        clip=None,
        generator_steps=1,
        optimizer="adam",
        learning_rate=1e-4,
        discriminator_learning_rate=None,
        beta_1=0.5,
        beta_2=0.9,
        precision="auto",
        seed=0,
    ):
        super().__init__({**locals(), "precision": "float32" if precision == "auto" else precision})

    def build(self, dtype):
        """Return generator and discriminator."""
        width, layers, seed = (self.config[name] for name in ("width", "layers", "seed"))
        size = {"width": width, "layers": layers, "classes": len(self.classes or ()), "dtype": dtype}
        dimensions = self.config["dimensions"]
        return (
            generators.dense(self.latent, dimensions, **size, seed=seed),
            discriminators.dense(dimensions, **size, seed=seed + 1),
        )

    def preview(self, source, target):
        """Return what a preview shows: real points and as many generated ones, by name."""
        return {"real": target, "generated": self.sample(len(target))}


class DCGAN(from_noise.FromNoise):
    """Convolutional networks for images of 16 to 64 pixels.

    Args:
        image_size: side of the images: 16, 32 or 64.
        channels: channels of the images.
        filters: channels of the largest feature maps of both networks; they double where the maps are halved.
        latent: numbers of noise, from N(0, 1), that one image is made from.
        classes: names of the classes that both networks are given; None is without.
        norm: "batch", or another of `blocks.NORMS`. On several replicas each one's batch norm takes the statistics of
            its own part of the batch, so that the weights are not those of one machine.
        discriminator_norm: of the discriminator; None is that of the generator, with the gradient penalty "none".
            Others than `critic.NORMS` are refused there: a batch norm mixes samples.
        spectral: whether the discriminator's kernels are divided by their largest singular values.
        adversarial: one of `losses.ADVERSARIAL`: "wasserstein" has clipped weights, "wasserstein_gp" the gradient
            penalty.
        critic_steps: updates of the discriminator before each of the generator, each on a batch of its own.
        penalty_weight: of the gradient penalty; None is 10. With another loss it is refused.
        clip: largest size of all weights that the discriminator learns, under "wasserstein"; None is 0.01. With another
            loss it is refused.
        generator_steps: updates of the generator after each of the discriminator.
        optimizer: "adam" or "rmsprop".
        learning_rate: of the generator.
        discriminator_learning_rate: of the discriminator; None is that of the generator.
        beta_1, beta_2: of Adam.
        precision: "auto", "float32", "bfloat16" or "float64", see `hardware.resolve_precision`.
        seed: decides initial weights and the noise of every step.

    Attributes:
        generator: `keras.Model`, noise (with classes: and one-hot classes) to images.
        discriminator: `keras.Model`, images (with classes: and one-hot classes) to logits (batch, 1).
        config: dict of the keywords above, precision resolved; `DCGAN(**config)` builds the same model.

    Raises:
        ValueError: for a value outside those named.

    Source: Radford et al. 2016, sections 3 and 4.
    Deviation: noise is normal, as in PyTorch's example, and not uniform; samples are drawn with moving statistics of
    the batch norm, so that one does not depend on those beside it.
    """

    name = "dcgan"
    picture = "tiles"
    previewed = ROWS

    def __init__(
        self,
        image_size=64,
        channels=3,
        filters=64,
        latent=100,
        classes=None,
        norm="batch",
        discriminator_norm=None,
        spectral=False,
        adversarial="vanilla",
        critic_steps=1,
        penalty_weight=None,
        clip=None,
        generator_steps=1,
        optimizer="adam",
        learning_rate=2e-4,
        discriminator_learning_rate=None,
        beta_1=0.5,
        beta_2=0.999,
        precision="auto",
        seed=0,
    ):
        super().__init__(locals())

    def build(self, dtype):
        """Return generator and discriminator."""
        names = ("image_size", "channels", "filters", "norm", "seed")
        size, channels, filters, norm, seed = (self.config[name] for name in names)
        same, own_norm = {"classes": len(self.classes or ()), "dtype": dtype}, self.config["discriminator_norm"] or norm
        if self.adversarial == "wasserstein_gp":
            own_norm = self.config["discriminator_norm"] or "none"
        critic.check_norm(self.config, own_norm)
        return (
            generators.dcgan(size, self.latent, channels, filters, norm, **same, seed=seed),
            discriminators.dcgan(
                size, channels, filters, own_norm, **same, seed=seed + 1, spectral=self.config["spectral"]
            ),
        )

    def preview(self, source, target):
        """Return what a preview shows: real images, and a grid of samples of the same noise at every step.

        Without classes a grid (rows, columns, height, width, channels); with classes a column for each, whose rows have
        the same noise.
        """
        sampler = self.sampler
        if self.classes is None:
            made = sampler(ROWS * ROWS)
            return {"real": target, "samples": made.reshape(ROWS, ROWS, *made.shape[1:])}
        noise, shown = sampler.draw_noise(ROWS), self.classes[:MOST_COLUMNS]
        made = {name: sampler.make(noise, np.full(ROWS, number)) for number, name in enumerate(shown)}
        return {"real": target, **made}

    @classmethod
    def fit_to(cls, keywords, samples):
        """Return the keywords with those that a set decides: its channels, and its classes if they are wanted."""
        return {**super().fit_to(keywords, samples), "channels": samples.shape[-1]}
