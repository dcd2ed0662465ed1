"""What the notebooks of the course share: pictures pixel by pixel, predictions, exercises, figures of recorded runs."""

import io
import pathlib

import PIL.Image

from pix2pix_tf import errors, plots
from pix2pix_tf.system import downloads

BESIDE = pathlib.Path(__file__).parent.parent / "notebooks" / "figures"  # in a clone, or an editable install of it
ADDRESS = None  # where the same folder is published; scripts/publish.py writes it
FULL_COLOUR = 40  # quality up to which a JPEG keeps colours at half the resolution: photographs, not label maps


class Picture:
    """A picture that a notebook shows as a small JPEG."""

    def __init__(self, pixels, quality=55):
        """Encode an image.

        Args:
            pixels: uint8 (height, width, 3).
            quality: of the JPEG, 1 to 95.
        """
        file, picture = io.BytesIO(), PIL.Image.fromarray(pixels)
        is_grey = (pixels == pixels[..., :1]).all()  # which takes half of the bytes
        subsampling = "4:4:4" if quality > FULL_COLOUR else "4:2:0"
        picture = picture.convert("L" if is_grey else "RGB")
        picture.save(file, "JPEG", quality=quality, subsampling=subsampling, optimize=True, progressive=True)
        self.encoded = file.getvalue()

    def _repr_jpeg_(self):
        return self.encoded

    def __repr__(self):
        """Say what stands where no picture can be shown."""
        return "<picture>"


def show(columns, title=None, least=120, quality=55):
    """Show images side by side, each pixel as a square of whole pixels, never smoothed.

    Args:
        columns: dict of title to images, (n, height, width, channels) in [-1, 1] or uint8, drawn below each other.
        title: text above everything.
        least: pixels that an image is at least wide.
        quality: of the JPEG that the notebook keeps.

    Returns:
        `Picture`, which a notebook shows where it is the last line of a cell, or in `IPython.display.display`.
    """
    return Picture(plots.pixels(plots.tiles(columns, title, least)), quality)


def respond(prediction, name="prediction", **answers):
    """Print the answer to a prediction.

    Args:
        prediction: letter that the learner wrote, or "?".
        name: of the variable that the letter is written into.
        answers: text for every letter.
    """
    print(answers.get(str(prediction).strip().upper(), f"no {name} yet: write a letter into {name}, run again"))


def check(answer, is_right, praise, hint):
    """Print what is to be said of the answer to an exercise, and refuse a wrong one.

    Args:
        answer: what the learner made; None where nothing was tried.
        is_right: whether it is right.
        praise: what a right answer shows.
        hint: what to think of otherwise.

    Raises:
        AssertionError: the answer is wrong.
    """
    print("not tried yet" if answer is None else f"right: {praise}" if is_right else f"no: think of {hint}")
    assert answer is None or is_right, hint


def figure(name):
    """Return where a figure or a score of a recorded run lies.

    Args:
        name: name of the file in the folder `figures` of the notebooks.

    Returns:
        Path in `figures` beside the notebook, else in the clone that the package is installed from, else of a download
        from where the lessons are published, if they are.

    Raises:
        InputError: it is in neither, or cannot be downloaded.
    """
    here = pathlib.Path("figures") / name
    for path in (here, ".." / here, BESIDE / name):
        if path.exists():
            return path
    if ADDRESS:
        advice = "open the notebook in a clone of the repository"
        return downloads.fetch(ADDRESS + name, None, folder=downloads.data_folder() / "figures", advice=advice)
    raise errors.InputError(
        f"{name}: there is no such file in {here.parent} or {BESIDE}; open the notebook in a clone of the repository"
    )
