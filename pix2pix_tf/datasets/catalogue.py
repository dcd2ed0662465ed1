"""The sets known by name: what they show, which way they are translated, where they come from and under which terms."""

import dataclasses

from pix2pix_tf.datasets import folder_layouts
from pix2pix_tf.system import addresses, downloads

VERSION = "1.0.0"  # of the prepared form of the public sets
BUILDER = "pix2pix_pairs"  # the name of the TFDS builder, and of its folder


@dataclasses.dataclass(frozen=True)
class Entry:
    """Describe one set.

    Attributes:
        name: what `datasets.load` and the command line call it.
        description: what sides A and B show.
        direction: "a_to_b" or "b_to_a", the default.
        label_sides: two bools: is side A, is side B a label map, to be resized without new colours?
        splits: number of pairs of every split as far as it is known before the set is prepared; of images of A and of
            B, two int, where they are no pairs.
        licence: terms of use, as far as the publishers state them.
        homepage: where to read more.
        paired: whether image i of A and image i of B show the same.
        prepared: whether it can be loaded without a network or an archive.
        has_wedges: whether side A is photos with the wedges that `void.find_void` finds.
        photographs: which side, "a" or "b", has colours to be learned.
        single: whether an example is one image, or point in the plane, and its class: for methods that draw from noise.
    """

    name: str
    description: str
    direction: str
    label_sides: tuple[bool, bool]
    splits: dict[str, int | tuple[int, int]]
    licence: str
    homepage: str
    paired: bool = True
    prepared: bool = False
    has_wedges: bool = False
    single: bool = False
    photographs: str = "a"

    @property
    def is_public(self):
        """Whether it is downloaded, rather than drawn."""
        return self.name in addresses.ARCHIVES

    @property
    def archive(self):
        """File name of a public set's archive."""
        return addresses.ARCHIVES[self.name][0].rpartition("/")[2]

    @property
    def parts(self):
        """What the folders of its archive may be called: splits, for two domains trainA, trainB and so on."""
        if self.paired:
            return folder_layouts.SPLITS
        return tuple(f"{split}{side}" for split in folder_layouts.SPLITS for side in "AB")


PIX2PIX = "https://phillipi.github.io/pix2pix/"
CYCLEGAN = "https://junyanz.github.io/CycleGAN/"


def _domains(name, a, b, origin):
    """Return the entry of a public set of two domains."""
    return Entry(
        name=name,
        description=f"A {a}, B {b}; unpaired",
        direction="a_to_b",
        label_sides=(False, False),
        splits={},
        licence=f"not stated; the pictures are from {origin}",
        homepage=CYCLEGAN,
        paired=False,
    )


def _single(name, description, splits, homepage="data/README.md", licence="that of this package"):
    """Return the entry of a set of single images or points, which needs no network."""
    same = {"direction": "a_to_b", "label_sides": (False, False), "paired": False, "single": True}
    return Entry(name=name, description=description, splits=splits, licence=licence, homepage=homepage, **same)


_MEASURED = {"train": 10_000, "val": 2_000, "test": 2_000}
ENTRIES = (
    Entry(
        name="synthetic",
        description="street fronts drawn by this package: A photo, B labels in the colours of facades",
        direction="b_to_a",
        label_sides=(False, True),
        splits={"train": 400, "val": 100, "test": 100},
        licence="that of this package",
        homepage="data/README.md",
    ),
    Entry(
        name="terraces",
        description="terraces of narrow houses drawn by this package: A photo, B labels in the colours of facades",
        direction="b_to_a",
        label_sides=(False, True),
        splits={"train": 400, "val": 100, "test": 100},
        licence="that of this package",
        homepage="data/README.md",
    ),
    Entry(
        name="day2night",
        description="street fronts drawn by this package: A by day, B at night; if unpaired, none of train in both",
        direction="a_to_b",
        label_sides=(False, False),
        splits={"train": 400, "val": 100, "test": 100},
        licence="that of this package",
        homepage="data/README.md",
    ),
    Entry(
        name="facades",
        description="CMP facades: A photo, B labels in twelve colours",
        direction="b_to_a",
        label_sides=(False, True),
        splits={"train": 400, "val": 100, "test": 106},
        licence="not stated by its publishers",
        homepage="https://cmp.felk.cvut.cz/~tylecr1/facade/",
        has_wedges=True,
    ),
    Entry(
        name="maps",
        description="New York: A aerial photo, B street map, scraped from Google Maps",
        direction="a_to_b",
        label_sides=(False, False),
        splits={"train": 1096},
        licence="not stated; the pictures are Google's",
        homepage=PIX2PIX,
    ),
    Entry(
        name="edges2shoes",
        description="about 50,000 shoes of UT Zappos50K: A edges, B photo",
        direction="a_to_b",
        label_sides=(False, False),
        splits={},
        licence="academic, non-commercial use (UT Zappos50K)",
        homepage="https://vision.cs.utexas.edu/projects/finegrained/utzap50k/",
        photographs="b",
    ),
    Entry(
        name="edges2handbags",
        description="about 137,000 handbags of a web shop, from iGAN: A edges, B photo",
        direction="a_to_b",
        label_sides=(False, False),
        splits={},
        licence="not stated; the pictures are the shop's",
        homepage="https://github.com/junyanz/iGAN",
        photographs="b",
    ),
    Entry(
        name="night2day",
        description="about 20,000 webcam scenes of Transient Attributes: A night, B day",
        direction="b_to_a",
        label_sides=(False, False),
        splits={},
        licence="not stated by its publishers",
        homepage="http://transattr.cs.brown.edu/",
        photographs="b",
    ),
    _domains("horse2zebra", "wild horses", "zebras", "ImageNet, for non-commercial research"),
    _domains("apple2orange", "apples", "navel oranges", "ImageNet, for non-commercial research"),
    _domains("summer2winter_yosemite", "Yosemite in summer", "Yosemite in winter", "Flickr"),
    _domains("monet2photo", "paintings by Monet", "landscape photos", "Wikiart and Flickr"),
    _domains("cezanne2photo", "paintings by Cezanne", "landscape photos", "Wikiart and Flickr"),
    _domains("ukiyoe2photo", "Ukiyo-e prints", "landscape photos", "Wikiart and Flickr"),
    _domains("vangogh2photo", "paintings by van Gogh", "landscape photos", "Wikiart and Flickr"),
    _domains("iphone2dslr_flower", "flowers by a telephone", "flowers by a large camera", "Flickr"),
    _single(
        name="digits",
        description="single images: scikit-learn's handwritten digits of 8x8 pixels, grey, 10 classes",
        splits={"train": 1497, "val": 300},
        homepage="https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
        licence="CC BY 4.0",
    ),
    _single(
        name="streets",
        description="single images: doors, shops and windows of the drawn street fronts, 3 classes",
        splits={"train": 900, "val": 240, "test": 240},
    ),
    _single(
        name="photographs",
        description="single images: parts of six photographs of scikit-image and scikit-learn, no classes",
        splits={"train": 400, "val": 60},
        licence="public domain and CC BY 2.0, see data/README.md",
    ),
    _single("eight_gaussians", "points in the plane: eight Gaussians on a circle, 8 classes", _MEASURED),
    _single("gaussian_grid", "points in the plane: 25 Gaussians on a grid, 25 classes", _MEASURED),
    _single("swiss_roll", "points in the plane: a spiral, no classes", _MEASURED),
)
POINTS = ("eight_gaussians", "gaussian_grid", "swiss_roll")
SINGLE = ("digits", "streets", "photographs", *POINTS)
TRANSLATED = tuple(entry.name for entry in ENTRIES if entry.name not in SINGLE)
COLOURED = tuple(entry.name for entry in ENTRIES if entry.name not in ("digits", *POINTS))
DRAWN = ("synthetic", "terraces", "day2night", *SINGLE)  # what needs no network and no archive
PUBLIC = tuple(entry.name for entry in ENTRIES if entry.name not in DRAWN)


def find(name):
    """Return the entry of a name, or None."""
    return next((entry for entry in ENTRIES if entry.name == name), None)


def entries(data_dir=None):
    """List the known sets.

    Args:
        data_dir: folder of prepared sets; None as in `downloads.data_folder`.

    Returns:
        List of `Entry`, `prepared` filled in.
    """
    return [dataclasses.replace(entry, prepared=_is_prepared(entry.name, data_dir)) for entry in ENTRIES]


def _is_prepared(name, data_dir):
    info = downloads.data_folder(data_dir) / BUILDER / name / VERSION / "dataset_info.json"
    return name in DRAWN or info.exists()
