"""What the command line can train: every method with the options and defaults that are its own."""

import dataclasses
from collections.abc import Callable

from pix2pix_tf import cyclegan, pix2pix
from pix2pix_tf.datasets import catalogue

SHARED = ("image_size", "filters", "adversarial", "precision", "seed")  # what every model is built from
PAPER = {"image_size": 256, "filters": 64}


def schedule_and_blocks(options):
    """Return what CycleGAN derives from other options: its decay, and the paper's blocks for the size."""
    return {"total_steps": options["steps"], "blocks": 9 if options["image_size"] >= 256 else 6}


@dataclasses.dataclass(frozen=True)
class Method:
    """A method as the command line offers it.

    Attributes:
        build: its class.
        keywords: names of the model's keywords that only this method has.
        data: the drawn set that it learns from where none is given.
        small: dict of the size and width for drawn sets: worth looking at after minutes without a GPU.
        adversarial: its adversarial loss where none is given.
        unpaired: whether it learns from images without pairs, and so both ways.
        derived: function of options, size and steps among them, that returns a dict of the defaults they decide.
    """

    build: Callable
    keywords: tuple
    data: str
    small: dict
    adversarial: str
    unpaired: bool = False
    derived: Callable = lambda options: {}

    def refused(self, given):
        """Return which of the options that were given are another method's."""
        own = {*self.keywords, *(() if self.unpaired else ("direction",))}
        others = {"direction", *(name for method in METHODS.values() for name in method.keywords)} - own
        return [name for name in given if name in others]

    def completed(self, options):
        """Return the options with a value for each of the model's."""
        options = {"data": self.data, "adversarial": self.adversarial, **options}
        options = {**(self.small if options["data"] in catalogue.DRAWN else PAPER), **options}
        return {**self.derived(options), **options}

    def of_model(self, options):
        """Return the model's keywords among completed options."""
        return {name: options[name] for name in (*SHARED, *self.keywords, *self.derived(options))}


METHODS = {
    "pix2pix": Method(
        build=pix2pix.Pix2Pix,
        keywords=("reconstruction", "reconstruction_weight"),
        data="synthetic",
        small={"image_size": 128, "filters": 32},
        adversarial="vanilla",
    ),
    "cyclegan": Method(
        build=cyclegan.CycleGAN,
        keywords=("blocks", "cycle_weight", "identity_weight", "pool_size"),
        data="day2night",
        small={"image_size": 64, "filters": 32},
        adversarial="least_squares",
        unpaired=True,
        derived=schedule_and_blocks,
    ),
}
