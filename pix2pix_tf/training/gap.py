"""The discriminator's gap: how much better it knows the pairs it was trained on than pairs it has never seen.

A discriminator that has learned what pairs look like says the same of both. One that has learned its training pairs by
heart calls unseen real photos fake, and its generator learns to please it alone.
"""

import numpy as np


def discriminator_gap(model, train, validation, count=32, seed=0):
    """Return what a discriminator says of training pairs, of validation pairs, and of pairs that do not belong.

    Args:
        model: a trained method of pairs with `discriminator`, a `keras.Model` of [source, target] or of the target, and
            perhaps `prepare`, which gives what its networks see of a source and which pixels of a target count.
        train: `datasets.pairs.Pairs`, those it was trained on; they are taken without jitter.
        validation: `datasets.pairs.Pairs` of the same size and direction, two at least.
        count: how many of each are judged; all, where there are fewer.
        seed: decides which.

    Returns:
        Dict of floats, mean logits over pairs and patches, positive where the discriminator says real: "training";
        "validation"; "mismatched", validation targets each beside another pair's source, which equals "validation"
        where the discriminator does not see the source. "training" less "validation" is what it knows by heart,
        "validation" less "mismatched" how much the source counts.

    Raises:
        ValueError: if the model has no discriminator, or there are fewer than two validation pairs.

    Source: Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data", section 2, for the logits
        of training and validation images drifting apart.
    """
    if getattr(model, "discriminator", None) is None:
        raise ValueError(f"{type(model).__name__} has no discriminator: nothing judges its pairs")
    if len(validation) < 2:
        raise ValueError(f"{len(validation)} validation pairs; expected two at least, so that sources can be exchanged")
    return logits_of(model, *(some.examples(choose(len(some), count, seed)) for some in (train, validation)))


def logits_of(model, learned, unseen):
    """Return what `discriminator_gap` does of examples, sources and targets of training and of validation."""
    learned, (sources, targets) = (_seen(model, *some) for some in (learned, unseen))
    discriminator = getattr(model, "present_discriminator", model.discriminator)
    return {
        "training": mean_logits(discriminator, *learned),
        "validation": mean_logits(discriminator, sources, targets),
        "mismatched": mean_logits(discriminator, np.roll(sources, 1, axis=0), targets),
    }


def mean_logits(discriminator, sources, targets):
    """Return the mean logit that a discriminator gives pairs, each judged alone, in training mode, and nothing learned.

    Training mode is what it was trained in. Alone, a batch norm takes the statistics of the pair itself, as at the
    paper's batch size 1; no statistics change.

    Args:
        discriminator: `keras.Model` from [source, target], or from the target alone, to logits (n, ...).
        sources: float32 (n, height, width, channels) in [-1, 1].
        targets: float32 (n, height, width, channels) in [-1, 1], target i that of source i.

    Returns:
        Float: the mean over pairs and patches.

    Raises:
        ValueError: if there are not as many sources as targets, or none.
    """
    if len(sources) != len(targets) or not len(targets):
        raise ValueError(f"{len(sources)} sources and {len(targets)} targets; expected as many of each, one at least")
    sees_source = len(discriminator.inputs) > 1
    state = [[variable.value for variable in discriminator.trainable_variables]]
    state += [[variable.value for variable in discriminator.non_trainable_variables]]
    means = []
    for source, target in zip(sources, targets, strict=True):
        shown = [source[None], target[None]] if sees_source else target[None]
        logits, _ = discriminator.stateless_call(*state, shown, training=True)  # the other result: the state after it
        answers = [np.ravel(one) for one in (logits if isinstance(logits, list) else [logits])]
        means.append(np.mean(np.concatenate(answers), dtype=np.float64))
    return float(np.mean(means))


def choose(count, wanted, seed):
    """Return up to `wanted` of the numbers below `count`, drawn by the seed, rising."""
    return np.sort(np.random.default_rng(seed).permutation(count)[:wanted])


def _seen(model, sources, targets):
    """Return sources and targets as a model's discriminator sees them, two arrays (n, height, width, channels)."""
    if hasattr(model, "look"):
        sources, targets, _, kept = model.look(sources, targets)
        return np.asarray(sources), np.asarray(targets if kept is None else targets * kept)
    if hasattr(model, "prepare"):
        sources, kept = model.prepare(sources, targets)
        return np.asarray(sources), targets if kept is None else targets * np.asarray(kept)
    return sources["image"] if isinstance(sources, dict) else sources, targets
