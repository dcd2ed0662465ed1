"""The methods that there are, a row each: where the class is, what it learns from by default, and its own options.

Nothing here imports TensorFlow, so that `--help` answers at once and a run's `config.json` can be read without it.
"""

import dataclasses
import importlib
from collections.abc import Callable

from pix2pix_tf import errors

PAPER = {"image_size": 256, "filters": 64}
ADVERSARIAL = ("vanilla", "minimax", "least_squares", "hinge", "wasserstein", "wasserstein_gp")
RECIPES = ("improved", "paper")
BY_RECIPE = "by the recipe"
SHORT = 5000  # steps up to which a larger learning rate pays
UPSAMPLINGS = ("transposed", "transposed4", "tied", "blurred", "nearest")
NORMS = ("instance", "plain_instance", "layer", "pixel", "batch", "none")


@dataclasses.dataclass(frozen=True)
class Option:
    """An option of the command line that not every method has, named as the keyword of the method's class.

    Attributes:
        name: the keyword; `cycle_weight` is written `--cycle-weight`.
        kind: int, float, bool or str, or a tuple of the words that are possible; "none" is None.
        default: its value where it is not given; None where `Row.derive` decides it.
        help: what it is, a sentence.
        shown: how the help writes the default; None writes it as it is.
        least: the smallest value that is possible, of numbers.
    """

    name: str
    kind: type | tuple
    default: object
    help: str
    shown: str | None = None
    least: float | None = None


@dataclasses.dataclass(frozen=True)
class Row:
    """A method as the rest of the package finds it.

    Attributes:
        location: module and class as text, "pix2pix_tf.pix2pix:Pix2Pix".
        data: the drawn set that it learns from where none is given.
        small: dict of size and width for drawn sets: worth looking at after minutes without a GPU.
        options: its own options, a tuple of `Option`.
        derive: function of the completed options that returns a dict of the keywords they decide.
        recipe: what `--recipe` is where it is not given.
        improve: function of the completed options that returns a dict of those in which the improved recipe is not the
            paper's.
        paper: dict of size and width for all other sets, by the paper.
        others: the same by the improved recipe; None is as by the paper.
        batch_size: where none is given.
        lacks: names of the options of every method that it has not.
        data_of_task: dict of task to the set that is learned from where none is given.
    """

    location: str
    data: str
    small: dict
    options: tuple = ()
    derive: Callable = lambda options: {}
    recipe: str = "paper"
    improve: Callable = lambda options: {}
    paper: dict = dataclasses.field(default_factory=lambda: PAPER)
    others: dict | None = None
    batch_size: int = 1
    lacks: tuple = ()
    data_of_task: dict = dataclasses.field(default_factory=dict)

    def sizes(self, is_drawn, recipe):
        """Return size and width where nothing is given, for a drawn set or another one, as a dict."""
        if is_drawn:
            return self.small
        return self.others if self.others and recipe == "improved" else self.paper

    def load_class(self):
        """Import the method's class, and TensorFlow with it."""
        module, name = self.location.split(":")
        return getattr(importlib.import_module(module), name)


def _decay_and_blocks(options):
    """Return what CycleGAN takes from other options: its decay, and the paper's blocks for the size."""
    return {"total_steps": options["steps"], "blocks": 9 if options["image_size"] >= 256 else 6}


def _improve_pix2pix(options):
    """Return the improved recipe of pix2pix; what is a discriminator's only where there is one."""
    is_short = options["steps"] <= SHORT
    found = {"upsampling": "nearest", "norm": "pixel", "average": 0.998, "decay": 0.7}
    found |= {"palette": "auto", "void": "auto", "learning_rate": 1e-3 if is_short else 4e-4}
    if options.get("adversarial", "vanilla") is not None:
        found |= {"discriminator_norm": "none", "spectral": True, "augmentation": None if is_short else "all"}
    if options.get("task") == "colorization":  # a and b are no colours whose contrast could be changed
        found |= {"void": "none"} | ({"augmentation": "geometry"} if found.get("augmentation") else {})
    return found


def _choose_channels(options):
    """Return the channels that pix2pix takes and makes: of photographs L, and a and b."""
    return {"in_channels": 1, "out_channels": 2} if options.get("task") == "colorization" else {}


def _improve_cyclegan(options):
    """Return the improved recipe of CycleGAN."""
    found = {"upsampling": "nearest", "norm": "pixel", "discriminator_norm": "plain_instance", "average": 0.998}
    # What begins as the image need not be told to keep it.
    return found | {"input_skip": True, "identity_weight": 0.0, "cycle_weight": 5.0, "learning_rate": 4e-4}


def _improve_pix2pixhd(options):
    """Return the improved recipe of pix2pixHD."""
    rate = 1e-3 if options["steps"] <= SHORT else 4e-4
    found = {"upsampling": "nearest", "average": 0.998, "void": "auto", "learning_rate": rate}
    return found | {"reconstruction_weight": 50.0}  # with it the grid goes, and more labels are read


def _improve_gan(options):
    """Return the improved recipe of points, with which a short run shows all there is to see."""
    return {"width": 64, "layers": 2, "learning_rate": 1e-3} if options["steps"] <= SHORT else {}


def _improve_dcgan(options):
    """Return the improved recipe of DCGAN."""
    return {"learning_rate": 4e-4} if options["steps"] <= SHORT else {}


def _players(adversarial="vanilla", penalty_weight="10.0", words=ADVERSARIAL):
    """Return the options that all methods have for the loss of their two players."""
    return (
        Option("adversarial", words, adversarial, "The GAN's loss."),
        Option("critic_steps", int, 1, "Updates of the discriminator before each of the generator.", least=1),
        Option("clip", float, None, "Largest size of the discriminator's weights under wasserstein.", "0.01", 0),
        Option(
            "penalty_weight", float, None, "Weight of the gradient penalty under wasserstein_gp.", penalty_weight, 0
        ),
    )


def _from_noise(penalty_weight="10.0"):
    """Return the options of the methods that draw from noise."""
    return (
        *_players(penalty_weight=penalty_weight),
        Option("classes", bool, None, "Give the classes of the set to both networks.", "no"),
        Option("latent", int, None, "Numbers of noise that a sample is made from.", "2 for points, 100 for images", 1),
        Option("generator_steps", int, 1, "Updates of the generator after each of the discriminator.", least=1),
        Option("optimizer", ("adam", "rmsprop"), "adam", "What both networks learn with."),
        Option("learning_rate", float, None, "Of Adam, at the start.", BY_RECIPE, 0),
        Option("discriminator_learning_rate", float, None, "Of the discriminator.", "as --learning-rate", 0),
        Option("beta_1", float, 0.5, "Of Adam: decay of the mean gradient.", least=0),
    )


def _repairs():
    """Return the options that both methods have for what is not the paper's."""
    return (
        Option("upsampling", UPSAMPLINGS, None, "How generators enlarge their feature maps.", BY_RECIPE),
        Option("norm", NORMS, None, "How the layers of all networks are normalized.", BY_RECIPE),
        Option("discriminator_norm", NORMS, None, "The same of discriminators alone.", "as --norm"),
        Option("spectral", bool, None, "Divide discriminators' kernels by their largest singular values.", BY_RECIPE),
        Option("average", float, None, "Decay of a moving average of generators' weights; 0 is none.", BY_RECIPE, 0),
        Option(
            "augmentation",
            ("geometry", "all", "none"),
            None,
            "How what discriminators are shown is changed at random.",
            BY_RECIPE,
        ),
        Option("learning_rate", float, None, "Of Adam, at the start.", BY_RECIPE, 0),
    )


METHODS = {
    "pix2pix": Row(
        location="pix2pix_tf.pix2pix:Pix2Pix",
        data="synthetic",
        small={"image_size": 128, "filters": 24},
        options=(
            Option(
                "task", ("colorization",), None, "Make pairs of photographs in colour, to colour grey ones.", "none"
            ),
            Option("domain", ("a", "b", "both"), None, "For it: which side of a set of two.", "the set's own"),
            *_players(words=(*ADVERSARIAL, "none")),
            Option("reconstruction", ("l1", "l2", "none"), "l1", "The loss against the truth."),
            Option("reconstruction_weight", float, 100.0, "Its weight; the GAN's is 1.", least=0),
            *_repairs(),
            Option("decay", float, None, "Share of the steps, the last, in which the rate falls to 0.", BY_RECIPE, 0),
            Option("feature_matching_weight", float, 0.0, "Weight of the discriminator's view of the truth.", least=0),
            Option(
                "palette",
                ("auto", "classes", "mean", "none"),
                None,
                "Give the mean colour of each label class, or of everything, as a further input.",
                BY_RECIPE,
            ),
            Option("void", ("auto", "none"), None, "Leave out where targets show nothing, such as wedges.", BY_RECIPE),
        ),
        recipe="improved",
        improve=_improve_pix2pix,
        derive=_choose_channels,
        data_of_task={"colorization": "photographs"},
    ),
    "cyclegan": Row(
        location="pix2pix_tf.cyclegan:CycleGAN",
        data="day2night",
        small={"image_size": 64, "filters": 24, "blocks": 4},
        options=(
            *_players("least_squares"),
            Option(
                "blocks", int, None, "Residual blocks.", shown="9 from 256 pixels on, 6 below; 4 of drawn sets", least=0
            ),
            Option("cycle_weight", float, None, "Weight of the cycle loss; the GAN's is 1.", BY_RECIPE, 0),
            Option("identity_weight", float, None, "Weight of the identity loss; 0 is without.", BY_RECIPE, 0),
            Option("pool_size", int, 50, "Past translations to learn from; 0 is without.", least=0),
            Option("input_skip", bool, None, "Begin with images nearly as they are, and learn changes.", BY_RECIPE),
            *_repairs(),
        ),
        recipe="improved",
        improve=_improve_cyclegan,
        derive=_decay_and_blocks,
    ),
    "pix2pixhd": Row(
        location="pix2pix_tf.pix2pixhd:Pix2PixHD",
        data="terraces",
        small={
            "image_size": 128,
            "filters": 24,
            "downs": 2,
            "blocks": 3,
            "enhancer_blocks": 2,
            "encoder_filters": 8,
            "encoder_downs": 2,
            "discriminator_filters": 16,
            "scales": 1,  # of 128 pixels one discriminator sees most; a second made pictures worse (docs/results.md)
            "features": 3,
        },
        options=(
            Option("adversarial", ("least_squares", "vanilla", "hinge"), "least_squares", "The GAN's loss."),
            Option("adversarial_weight", float, 1.0, "Its weight; at 0 only feature matching counts.", least=0),
            Option(
                "phases", str, None, "Steps of each phase, enhancers + 2 of them, as 2000,100,900.", "200 : 10 : 90"
            ),
            Option("downs", int, None, "Halvings of the coarse generator.", "4; 2 of drawn sets", 0),
            Option("blocks", int, None, "Residual blocks.", "9; 3 of drawn sets", 0),
            Option("enhancers", int, 1, "Generators around the coarse one, each of twice the size.", least=0),
            Option("enhancer_blocks", int, None, "Residual blocks of each.", "3; 2 of drawn sets", 0),
            Option(
                "features", int, None, "Numbers of a style of each instance; 0 is without.", "0; 3 of drawn sets", 0
            ),
            Option("boundaries", bool, True, "Show the networks where one instance ends."),
            Option("scales", int, None, "Discriminators, each for half the size.", "3; 1 of drawn sets", 1),
            Option("feature_matching_weight", float, 10.0, "Weight of the discriminators' view of the truth.", least=0),
            Option("reconstruction_weight", float, None, "Weight of L1 against the truth.", BY_RECIPE, 0),
            Option("perceptual", str, None, "Network of a perceptual loss: vgg19, squeezenet, or a file.", "none"),
            Option("perceptual_file", str, None, "Weights of a named network on disk.", "a download, of vgg19"),
            Option("perceptual_layers", str, None, "Its layers, such as conv1,conv2.", "those of the named network"),
            Option("perceptual_weight", float, 10.0, "Its weight.", least=0),
            Option(
                "plane_skip", bool, None, "Show the generator's last layer labels and styles themselves.", BY_RECIPE
            ),
            *(option for option in _repairs() if option.name != "augmentation"),
            Option("decay", float, 0.5, "Share of the steps, the last, in which the rate falls to 0.", least=0),
            Option("void", ("auto", "none"), None, "Leave out where targets show nothing, such as wedges.", BY_RECIPE),
        ),
        recipe="improved",
        improve=_improve_pix2pixhd,
        derive=lambda options: {"total_steps": options["steps"]},
        paper={"image_size": 1024, "filters": 64},
        others={
            "image_size": 512,
            "filters": 32,  # the paper's 64 at 1024 pixels take minutes for a few steps without a GPU
            "discriminator_filters": 32,
            "norm": "layer",  # with instance norm a wall that fills a photograph hardly takes a style
            "discriminator_norm": "plain_instance",
            "plane_skip": True,
        },
    ),
    "gan": Row(
        location="pix2pix_tf.gan:GAN",
        data="eight_gaussians",
        small={},
        options=(
            Option("width", int, None, "Units of every hidden layer.", BY_RECIPE, 1),
            Option("layers", int, None, "Hidden layers of each network.", BY_RECIPE, 0),
            Option("beta_2", float, 0.9, "Of Adam: decay of the mean squared gradient.", least=0),
            *_from_noise("0.1"),
        ),
        recipe="improved",
        improve=_improve_gan,
        batch_size=256,
        lacks=("image_size", "filters", "labels"),
    ),
    "dcgan": Row(
        location="pix2pix_tf.gan:DCGAN",
        data="digits",
        small={"image_size": 16, "filters": 32},
        options=(
            Option("norm", NORMS, "batch", "How the layers of all networks are normalized."),
            Option("discriminator_norm", NORMS, None, "The same of discriminators alone.", "as --norm"),
            Option("spectral", bool, None, "Divide discriminators' kernels by their largest singular values.", "no"),
            Option("beta_2", float, 0.999, "Of Adam: decay of the mean squared gradient.", least=0),
            *_from_noise(),
        ),
        recipe="improved",
        improve=_improve_dcgan,
        paper={"image_size": 64, "filters": 64},
        batch_size=64,
        lacks=("labels",),
    ),
}


def find(name, where=""):
    """Return the row of a method.

    Args:
        name: what the class calls itself.
        where: what an error message begins with, such as the run that names the method.

    Returns:
        `Row`.

    Raises:
        errors.InputError: if no such method is known.
    """
    if name not in METHODS:
        raise errors.InputError(f"{where}method {name!r} is not known; expected one of {', '.join(METHODS)}")
    return METHODS[name]
