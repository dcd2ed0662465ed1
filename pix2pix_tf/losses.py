"""Losses as pure functions of tensors: scalars, unweighted, in float32.

An adversarial loss is named as in ADVERSARIAL. The discriminator's is the mean of its real and its fake term: the paper
of pix2pix halves it to slow the discriminator down. Wasserstein's is a distance, and so it is not halved; what bounds
the slope of its discriminator, called a critic, is in `critic`.
"""

from keras import ops

ADVERSARIAL = ("vanilla", "minimax", "least_squares", "hinge", "wasserstein", "wasserstein_gp")
RECONSTRUCTION = ("l1", "l2")
PAPER_FEATURES = 4  # feature maps of pix2pixHD's discriminator of three layers


def l1(first, second, kept=None):
    """Return the mean absolute difference; 0 is best, 2 the most for images in [-1, 1].

    Args:
        first, second: (batch, height, width, channels).
        kept: as of `mean`.

    Source: Isola et al. 2017, section 3.1, equation 3.
    """
    return mean(ops.abs(ops.subtract(first, second)), kept)


def l2(first, second, kept=None):
    """Return the mean squared difference; 0 is best, 4 the most for images in [-1, 1]; arguments as of `l1`."""
    return mean(ops.square(ops.subtract(first, second)), kept)


def mean(values, kept=None):
    """Return the mean of values, or of each image's values that count.

    Args:
        values: (batch, height, width, channels).
        kept: (batch, height, width, 1), 1 where values count and 0 where they do not; None counts all. Each image's
            mean weighs the same, however much of it counts; one of which nothing counts gives 0.

    Returns:
        Scalar tensor.
    """
    if kept is None:
        return ops.mean(values)
    counts = ops.maximum(ops.sum(kept, axis=(1, 2, 3)) * values.shape[3], 1)
    return ops.mean(ops.sum(values * kept, axis=(1, 2, 3)) / counts)


def feature_matching(real_features, fake_features):
    """Return how far hidden layers of a discriminator tell real from fake: the sum over layers of mean differences.

    Args:
        real_features: list of tensors, what its layers make of real images; they count as constants.
        fake_features: the same of generated images.

    Returns:
        Scalar tensor; 0 is best.

    Source: Wang et al. 2018, "High-Resolution Image Synthesis and Semantic Manipulation with Conditional GANs",
    section 3.2, equation 4, summed over layers as in the authors' code.
    """
    pairs = zip(real_features, fake_features, strict=True)
    return sum(ops.mean(_precise(ops.abs(ops.stop_gradient(real) - fake))) for real, fake in pairs)


def feature_matching_of_scales(real_scales, fake_scales):
    """Return how far the hidden layers of discriminators for several scales tell real from fake.

    Args:
        real_scales: a list for each scale, as `feature_matching` takes it.
        fake_scales: the same of generated images.

    Returns:
        Scalar tensor; 0 is best, and 4 where every value differs by 1, whatever the numbers of layers and scales.

    Source: Wang et al. 2018, section 3.2, equation 4. As in the authors' code it is averaged over the scales, and
    summed over the layers, times 4 / (number of layers): an average over layers would be four times too weak.
    """
    pairs = list(zip(real_scales, fake_scales, strict=True))
    return sum(PAPER_FEATURES / len(real) * feature_matching(real, fake) for real, fake in pairs) / len(pairs)


def _precise(values):
    """Return values of at least float32, in which they can be added up."""
    return values if "float64" in str(values.dtype) else ops.cast(values, "float32")


def cross_entropy(logits, real):
    """Return the mean cross-entropy of logits against the answer real (True) or fake (False); ln 2 at logits 0."""
    return ops.mean(ops.softplus(-logits if real else logits))


def discriminator(real_logits, fake_logits, adversarial="vanilla", halved=True):
    """Return the discriminator's objective, halved: the mean of its real and its fake term.

    Args:
        real_logits: its answers to real images, any shape.
        fake_logits: its answers to generated images, any shape.
        adversarial: "vanilla" or "minimax" (ln 2 = 0.693 at logits 0), "least_squares" (0.5 at output 0, 0.25 at 0.5),
            "hinge" (1 at 0), "wasserstein" or "wasserstein_gp" (0 where it says the same of both, unbounded below:
            minus the distance that it sees; without its penalty, see `critic`).
        halved: False adds the two terms; Wasserstein's is the same either way.

    Returns:
        Scalar tensor; but for Wasserstein's, 0 is a discriminator that is always right.

    Raises:
        ValueError: for another name.

    Source: Isola et al. 2017, section 3.3; Mao et al. 2017, "Least Squares GAN"; Lim and Ye 2017, "Geometric GAN";
    Arjovsky et al. 2017, "Wasserstein GAN", equation 2.
    """
    check(adversarial)
    if adversarial.startswith("wasserstein"):
        return ops.mean(fake_logits) - ops.mean(real_logits)
    if adversarial in ("vanilla", "minimax"):
        total = cross_entropy(real_logits, True) + cross_entropy(fake_logits, False)
    elif adversarial == "least_squares":
        total = ops.mean(ops.square(real_logits - 1)) + ops.mean(ops.square(fake_logits))
    else:
        total = ops.mean(ops.relu(1 - real_logits)) + ops.mean(ops.relu(1 + fake_logits))
    return total / 2 if halved else total


def generator(fake_logits, adversarial="vanilla"):
    """Return the generator's adversarial objective, not halved: low where its images are taken for real.

    Args:
        fake_logits: the discriminator's answers to generated images, any shape.
        adversarial: "vanilla" (non-saturating; ln 2 = 0.693 at logits 0), "minimax" (saturating: the discriminator's
            own term with its sign changed, whose slope dies where the discriminator is sure; -ln 2 at 0, unbounded
            below), "least_squares" (1 at output 0, 0.25 at 0.5), "hinge", "wasserstein" or "wasserstein_gp" (0 at 0,
            unbounded below).

    Returns:
        Scalar tensor.

    Raises:
        ValueError: for another name.

    Source: Goodfellow et al. 2014, equation 1 for "minimax", and section 3 for the non-saturating form; the others as
    in `discriminator`.
    """
    check(adversarial)
    if adversarial == "vanilla":
        return cross_entropy(fake_logits, True)
    if adversarial == "minimax":
        return -cross_entropy(fake_logits, False)
    if adversarial == "least_squares":
        return ops.mean(ops.square(fake_logits - 1))
    return -ops.mean(fake_logits)


def discriminator_of_scales(real_logits, fake_logits, adversarial="vanilla", halved=True):
    """Return the objective of discriminators for several scales: the sum of what each has by `discriminator`.

    Args:
        real_logits: list with the answers to real images of each scale, any shapes.
        fake_logits: the same to generated images.
        adversarial, halved: as of `discriminator`.

    Returns:
        Scalar tensor; at chance as many times that of `discriminator` as there are scales.

    Raises:
        ValueError: for another name, or lists of different lengths.

    Source: Wang et al. 2018, section 3.2, equation 3, summed over the scales as in the authors' code.
    """
    pairs = zip(real_logits, fake_logits, strict=True)
    return sum(discriminator(real, fake, adversarial, halved) for real, fake in pairs)


def generator_of_scales(fake_logits, adversarial="vanilla"):
    """Return the generator's adversarial objective against discriminators for several scales: the sum over them.

    Args:
        fake_logits: list with the answers to generated images of each scale, any shapes.
        adversarial: as of `generator`.

    Returns:
        Scalar tensor; at chance as many times that of `generator` as there are scales.

    Raises:
        ValueError: for another name.

    Source: Wang et al. 2018, section 3.2, equation 3, summed over the scales as in the authors' code.
    """
    return sum(generator(fake, adversarial) for fake in fake_logits)


def check(adversarial):
    """Raise ValueError unless the name of an adversarial loss is known."""
    if adversarial not in ADVERSARIAL:
        raise ValueError(f"adversarial is {adversarial!r}; expected one of {', '.join(ADVERSARIAL)}")
