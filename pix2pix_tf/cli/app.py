"""The command line: a thin layer over the package, without logic of its own.

TensorFlow is imported inside the commands, so that --help answers at once.
"""

import codecs
import contextlib
import importlib
import logging
import os
import pathlib
import sys
import tempfile
import warnings
from typing import Annotated, Literal

import typer

from pix2pix_tf import errors, registry
from pix2pix_tf.cli import options as method_options
from pix2pix_tf.system import keras_settings

app = typer.Typer(
    help="Image-to-image translation with GANs.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
data_app = typer.Typer(help="The data sets: list them, make one ready, look at one.", no_args_is_help=True)
app.add_typer(data_app, name="data")

_STAND_INS = {"↓": "(-)", "↑": "(+)", "±": "+-", "é": "e"}  # of the package's own words
Direction = Literal["a_to_b", "b_to_a"]
LARGEST_SEED = 2**31 - 1
Labels = Annotated[
    Literal["none", "a", "b", "both"] | None,
    typer.Option(help="Which sides are label maps, resized without new colours.", show_default="seen by the files"),
]
Task = Annotated[
    Literal["colorization"] | None,
    typer.Option(help="Photographs in colour, as pairs of L and a, b.", show_default="none, or the first run's"),
]
Domain = Annotated[
    Literal["a", "b", "both"] | None,
    typer.Option(help="For that task: which side of a set of two.", show_default="the set's own"),
]
Force = Annotated[bool, typer.Option("--force", help="Write over files that this program did not write.")]


class _Interrupted(Exception):
    """Carry what a command has to say after Ctrl-C."""


def main():
    """Run the command line; whatever goes wrong is one line and an exit status."""
    codecs.register_error("readable", _write_readable)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="readable")
    try:
        status = app(standalone_mode=False)
    except errors.InputError as error:
        status = _complain(error, 2)
    except errors.RunError as error:
        status = _complain(error, 1)
    except _Interrupted as error:
        status = _complain(error, 130)
    except MemoryError:
        status = _complain("out of memory; try smaller images, a smaller --batch-size or --filters", 1)
    except OSError as error:
        status = _complain(f"{error.filename or 'writing failed'}: {error.strerror or error}", 1)
    except Exception as error:
        if not hasattr(error, "format_message"):  # a usage error of the parser has it; everything else is a defect
            raise
        status = _complain(f"{error.format_message()} (see --help)", 2)
    sys.exit(status)


def _complain(message, status):
    """Print a line to stderr; return the exit status."""
    print(f"pix2pix-tf: {message}", file=sys.stderr)
    return status


def _complain_once(said, message):
    """Print a line to stderr unless it has been said."""
    if message not in said:
        said.add(message)
        _complain(message, 0)


def _write_readable(error):
    """Stand in for characters that a terminal does not have, and for bytes of names that are no text."""
    written = ""
    for character in error.object[error.start : error.end]:
        is_byte = "\udc80" <= character <= "\udcff"  # how Python holds a byte of a name that is no text
        escaped = f"\\x{ord(character) - 0xDC00:02x}" if is_byte else ascii(character)[1:-1]
        written += _STAND_INS.get(character, escaped)
    return written, error.end


@contextlib.contextmanager
def _load(command):
    """Import what a command does, with TensorFlow; give Ctrl-C a message."""
    try:
        with _quiet_start():
            keras_settings.use_own()
            module = importlib.import_module(f"pix2pix_tf.cli.{command}")
        logging.getLogger("tensorflow").setLevel("ERROR")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            said = set()
            for kind in (errors.DamageWarning, errors.NoteWarning):
                warnings.simplefilter("always", kind)
            warnings.showwarning = lambda message, *_: _complain_once(said, f"warning: {message}")
            yield module
    except KeyboardInterrupt as stop:
        raise _Interrupted(str(stop) or "interrupted") from None


@contextlib.contextmanager
def _quiet_start():
    """Hold back what TensorFlow's libraries print to stderr while they load; show it only if loading fails."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except Exception:
            held.seek(0)
            os.write(kept, held.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)


@app.command(cls=method_options.GroupedCommand)
@method_options.with_options
def train(
    context: typer.Context,
    method: Annotated[
        Literal[tuple(registry.METHODS)], typer.Option(help="What to train: on pairs, without pairs, or from noise.")
    ] = "pix2pix",
    recipe: Annotated[
        Literal[registry.RECIPES] | None,
        typer.Option(
            help="Every value as in the papers, or what gives better pictures.",
            show_default=method_options.describe_recipe(),
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="A data set (see `data list`) or a folder of images.", show_default=method_options.describe_data()
        ),
    ] = None,
    direction: Annotated[
        Direction | None,
        typer.Option(help="Of pairs: which side becomes which.", show_default="the data set's own"),
    ] = None,
    labels: Labels = None,
    image_size: Annotated[
        int | None,
        typer.Option(
            help="Side in pixels: a power of two, or for pix2pixhd any multiple of 2^(downs + enhancers).",
            show_default=method_options.describe_small("image_size"),
        ),
    ] = None,
    steps: Annotated[
        int,
        typer.Option(min=1, help="Train steps in all; a resumed run may be given more, if its rate does not fall."),
    ] = 3000,
    batch_size: Annotated[
        int | None,
        typer.Option(min=1, help="Examples of one step.", show_default=method_options.describe_batch_size()),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Decides weights, order, jitter and noise.")] = 0,
    precision: Annotated[
        Literal["auto", "float32", "bfloat16"],
        typer.Option(help="What to compute in; auto is bfloat16 where that is faster."),
    ] = "auto",
    filters: Annotated[
        int | None,
        typer.Option(
            min=1, help="Channels after the first layer.", show_default=method_options.describe_small("filters")
        ),
    ] = None,
    checkpoint_every: Annotated[int, typer.Option(min=1, help="Steps between checkpoints; three are kept.")] = 500,
    preview_every: Annotated[int, typer.Option(min=1, help="Steps between previews.")] = 500,
    archive: Annotated[
        pathlib.Path | None, typer.Option(help="The data set's archive on disk, instead of a download.")
    ] = None,
    out: Annotated[
        pathlib.Path | None, typer.Option(help="The run's folder.", show_default="a new one in runs/")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out, else the newest.")] = False,
):
    """Train a model; without options, pix2pix on synthetic street fronts for a few minutes."""
    own = ("archive", "out", "resume")
    options = {name: value for name, value in context.params.items() if name not in own and value is not None}
    given = [name for name in options if context.get_parameter_source(name).name != "DEFAULT"]
    with _load("train") as command:
        command.train(options, given, archive, out, resume)


@app.command()
def translate(
    run: Annotated[
        pathlib.Path,
        typer.Argument(
            help="A run's folder, a generator's .keras file, or streets or terraces, which come with the package."
        ),
    ],
    images: Annotated[list[pathlib.Path], typer.Argument(help="Image files, and folders of them.")],
    out: Annotated[pathlib.Path, typer.Option(help="Folder for the PNGs, named and sized like the inputs.")],
    direction: Annotated[
        Direction | None, typer.Option(help="Needed for runs that learn both ways.", show_default="the run's")
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=LARGEST_SEED, help="Decides noise, palettes and, with the names of files, styles.")
    ] = 0,
    resize: Annotated[
        bool,
        typer.Option(
            "--resize", help="Work at the trained size instead of padding; not for photographs to be coloured."
        ),
    ] = False,
    palette: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER|FILE",
            help="Which colours: a number draws a palette of training, a photo lends its own, "
            "a .json file names those of labels.",
            show_default="drawn for each image, by --seed",
        ),
    ] = None,
    saturation: Annotated[
        float | None,
        typer.Option(min=0, help="Of coloured photographs: what colours are multiplied by.", show_default="1"),
    ] = None,
    instances: Annotated[
        pathlib.Path | None,
        typer.Option(
            help="Of pix2pixhd: the PNG of ids of instances, or a folder of them, named like the label maps.",
            show_default="the connected parts of each class",
        ),
    ] = None,
    style: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CLASS=NUMBER|ID=NUMBER",
            help="Of pix2pixhd with features: the style of all instances of a class, by the names that train and "
            "data show list, or of one instance; may be repeated.",
            show_default="drawn for each instance, by --seed",
        ),
    ] = None,
    force: Force = False,
):
    """Translate images of any size with a trained generator."""
    with _load("translate") as command:
        command.translate(run, images, out, direction, seed, resize, force, palette, saturation, instances, style)


@app.command()
def edit(
    run: Annotated[
        pathlib.Path,
        typer.Argument(help="A run of pix2pixhd with --features, or terraces, which comes with the package."),
    ],
    image: Annotated[pathlib.Path, typer.Argument(help="A label map.")],
    out: Annotated[pathlib.Path, typer.Option(help="The sheet, PNG or JPEG.")],
    change: Annotated[
        str | None,
        typer.Option(
            metavar="CLASS|ID",
            help="What gets every style: all instances of a class, or one.",
            show_default="the largest instance",
        ),
    ] = None,
    instances: Annotated[
        pathlib.Path | None,
        typer.Option(
            help="The PNG of ids of instances, or a folder with one named like the label map.",
            show_default="the connected parts of each class",
        ),
    ] = None,
    style: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CLASS=NUMBER|ID=NUMBER",
            help="The style of what is not changed; may be repeated.",
            show_default="the photo's, else drawn for each instance, by --seed",
        ),
    ] = None,
    photo: Annotated[
        pathlib.Path | None, typer.Option(help="A photo of the label map, whose own styles are taken.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Decides the styles of all others.")] = 0,
    force: Force = False,
):
    """Draw a sheet of all styles that a thing in a label map can have."""
    with _load("edit") as command:
        command.edit(run, image, out, change, instances, style, photo, seed, force)


@app.command()
def sample(
    run: Annotated[pathlib.Path, typer.Argument(help="The folder of a run of gan or dcgan.")],
    out: Annotated[pathlib.Path, typer.Option(help="Folder for the PNGs; of points for points.csv and points.png.")],
    count: Annotated[int, typer.Option(min=1, help="How many samples.")] = 64,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Decides the noise.")] = 0,
    name: Annotated[
        str | None, typer.Option("--class", metavar="NAME", help="Their class.", show_default="all in turn")
    ] = None,
    force: Force = False,
):
    """Draw samples from noise with a trained generator."""
    with _load("sample") as command:
        command.sample(run, out, count, seed, name, force)


@app.command()
def evaluate(
    runs: Annotated[
        list[pathlib.Path], typer.Argument(help="Runs, and folders of translations named like the inputs.")
    ],
    data: Annotated[
        str | None, typer.Option(help="A data set or a folder, of pairs or not.", show_default="the first run's")
    ] = None,
    split: Annotated[
        Literal["val", "test"] | None,
        typer.Option(help="Which images.", show_default="val; test for unpaired images without val"),
    ] = None,
    direction: Annotated[
        Direction | None, typer.Option(help="Which side becomes which.", show_default="the first run's")
    ] = None,
    labels: Labels = None,
    task: Task = None,
    domain: Domain = None,
    image_size: Annotated[
        int | None,
        typer.Option(min=16, max=1024, help="Side at which all are compared.", show_default="the first run's"),
    ] = None,
    out: Annotated[pathlib.Path, typer.Option(help="Where all numbers go, as JSON.")] = pathlib.Path("scores.json"),
    force: Force = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the table as Markdown.")] = False,
    extractor: Annotated[
        str | None,
        typer.Option(
            help="Features for the measures of sets: inception (91 MB are downloaded), keras-inception, vgg16, "
            "squeezenet (with --weights), patches (no network, no weights), or a Keras model's file.",
            show_default="none",
        ),
    ] = None,
    weights: Annotated[
        pathlib.Path | None, typer.Option(help="The extractor's weights on disk, instead of a download.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Decides noise and resampling.")] = 0,
    archive: Annotated[
        pathlib.Path | None, typer.Option(help="The data set's archive on disk, instead of a download.")
    ] = None,
):
    """Measure how good runs are, beside baselines and the real photos."""
    with _load("evaluate") as command:
        command.evaluate(
            runs,
            out,
            markdown,
            extractor,
            weights,
            force,
            data=data,
            split=split,
            direction=direction,
            labels=labels,
            image_size=image_size,
            seed=seed,
            archive=archive,
            task=task,
            domain=domain,
        )


@data_app.command("list")
def data_list():
    """List the data sets."""
    with _load("data") as command:
        command.list_sets()


@data_app.command("prepare")
def data_prepare(
    name: Annotated[str, typer.Argument(help="A data set, see `data list`.")],
    archive: Annotated[pathlib.Path | None, typer.Option(help="Its archive on disk, instead of a download.")] = None,
):
    """Download, check and unpack a data set, or take it from an archive."""
    with _load("data") as command:
        command.prepare(name, archive)


@data_app.command("show")
def data_show(
    name: Annotated[str, typer.Argument(help="A data set or a folder of pairs.")],
    split: Annotated[Literal["train", "val", "test"], typer.Option(help="Which pairs.")] = "train",
    image_size: Annotated[int, typer.Option(min=16, max=1024, help="Side of the images in pixels.")] = 256,
    out: Annotated[
        pathlib.Path | None, typer.Option(help="The picture, PNG or JPEG.", show_default="NAME.png here")
    ] = None,
    labels: Labels = None,
    force: Force = False,
    void: Annotated[
        Literal["auto", "none"], typer.Option(help="Masks of wedges and transparency: where there are such, or none.")
    ] = "auto",
    task: Task = None,
    domain: Domain = None,
):
    """Describe a data set and draw a sheet of its pairs."""
    with _load("data") as command:
        command.show(name, split, image_size, out, labels, force, void, task, domain)
