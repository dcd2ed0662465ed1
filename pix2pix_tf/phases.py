"""The phases of pix2pixHD's training: the coarse generator alone, each enhancer alone, and all together."""

import numpy as np

from pix2pix_tf import optimizers

SHARES = (200, 10, 90)  # epochs of the authors: the coarse generator, the enhancers alone, all together


class Phases:
    """Which step belongs to which phase, and the learning rate of every step.

    Args:
        given: steps of each phase, or None, see `divide_steps`.
        total_steps: train steps in all, or None where the number is not known yet.
        enhancers: of the generator.
        learning_rate: at the start of both runs, that of the first phase and that of all the others.
        decay: share of the steps of each run, the last ones, over which the rate falls.

    Attributes:
        steps: list of the steps of every phase.
        starts: list of the steps that are done when each begins.
        rate: `optimizers.RestartingDecay`.

    Raises:
        ValueError: as of `divide_steps`.

    Source: Wang et al. 2018, "High-Resolution Image Synthesis and Semantic Manipulation with Conditional GANs", section
    3.1; the authors' training scripts for the steps and the rate, which falls in the second half of each of their runs.
    """

    def __init__(self, given, total_steps, enhancers, learning_rate, decay):
        self.given, self.enhancers, self.decay = given, enhancers, decay
        self.rate = optimizers.RestartingDecay(learning_rate, [])
        self.divide(total_steps)

    def divide(self, total_steps):
        """Divide so many steps, anew."""
        self.steps = divide_steps(self.given, total_steps, self.enhancers)
        self.starts = [sum(self.steps[:number]) for number in range(len(self.steps))]
        runs = [self.steps[0], sum(self.steps[1:])] if self.enhancers else self.steps
        falling = [round(steps * self.decay) for steps in runs]
        self.rate.runs = [(steps - falls, falls) for steps, falls in zip(runs, falling, strict=True)]

    def at(self, step):
        """Return the number of the phase of a step, the first being 0; one of no steps is passed over."""
        return max(number for number, start in enumerate(self.starts) if start <= step)

    def is_joint(self, phase):
        """Say whether all parts learn in a phase: it is the last."""
        return phase == len(self.steps) - 1


def divide_steps(given, total_steps, enhancers):
    """Return how many steps each phase has.

    Args:
        given: list of them, or None for the shares of the authors' epochs.
        total_steps: train steps in all; None where the number is not known: then all is learned together.
        enhancers: of the generator; without any there is one phase, else there are two more than enhancers.

    Returns:
        List of int.

    Raises:
        ValueError: if those that are given are not as many as there are phases, or do not add up.
    """
    count = enhancers + 2 if enhancers else 1
    if given is None:
        if total_steps is None or not enhancers:
            return [0] * (count - 1) + [total_steps or 0]
        shares = np.cumsum([SHARES[0], *[SHARES[1] / enhancers] * enhancers, SHARES[2]])
        return np.diff(np.round(shares / shares[-1] * total_steps).astype(int), prepend=0).tolist()
    if len(given) != count or not all(isinstance(one, int) and one >= 0 for one in given):
        enhancer = f"{enhancers} enhancer{'s' * (enhancers > 1)}"
        said = "one for all" if count == 1 else f"{count}: of the coarse generator, of {enhancer}, of all together"
        raise ValueError(f"phases is {given}; expected whole numbers of steps, {said}")
    if total_steps is not None and sum(given) != total_steps:
        raise ValueError(f"phases is {given}, {sum(given)} steps together; expected the {total_steps} that there are")
    return list(given)
