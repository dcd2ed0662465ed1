"""The command line: a thin layer over the package, without logic of its own.

TensorFlow is imported inside the commands, so that --help answers at once.
"""

import contextlib
import os
import pathlib
import sys
import tempfile
from typing import Annotated, Literal

import typer

from pix2pix_tf import errors

app = typer.Typer(
    help="Image-to-image translation with GANs.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
data_app = typer.Typer(help="The data sets: list them, fetch one, look at one.", no_args_is_help=True)
app.add_typer(data_app, name="data")

Direction = Literal["a_to_b", "b_to_a"]


def main():
    """Run the command line; whatever goes wrong is one line and an exit status."""
    try:
        status = app(standalone_mode=False)
    except errors.InputError as error:
        status = complain(error, 2)
    except errors.RunError as error:
        status = complain(error, 1)
    except OSError as error:
        status = complain(f"{error.filename or 'writing failed'}: {error.strerror or error}", 1)
    except typer.Abort as error:
        status = complain(error.__cause__ or error, 130)
    except Exception as error:
        if not hasattr(error, "format_message"):  # a usage error of the parser has it; everything else is a defect
            raise
        status = complain(f"{error.format_message()} (see --help)", 2)
    sys.exit(status)


def complain(message, status):
    """Print a line to stderr; return the exit status."""
    print(f"pix2pix-tf: {message}", file=sys.stderr)
    return status


@contextlib.contextmanager
def quiet_start():
    """Hold back what TensorFlow's libraries print to stderr while they load; show it only if loading fails."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(kept, held.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)


@app.command()
def train(
    method: Annotated[Literal["pix2pix"], typer.Option(help="What to train.")] = "pix2pix",
    data: Annotated[str | None, typer.Option(help="A data set (see `data list`) or a folder; synthetic.")] = None,
    direction: Annotated[Direction | None, typer.Option(help="Source to target; the data set's own.")] = None,
    image_size: Annotated[int | None, typer.Option(help="Side in pixels; 128 for synthetic, else 256.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Train steps in all; 2000.")] = None,
    batch_size: Annotated[int | None, typer.Option(min=1, help="Pairs of one step; 1.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Decides weights, order, jitter and noise; 0.")] = None,
    precision: Annotated[Literal["auto", "float32", "bfloat16"] | None, typer.Option(help="auto.")] = None,
    filters: Annotated[int | None, typer.Option(min=1, help="Channels after the first layer; 64.")] = None,
    adversarial: Annotated[
        Literal["vanilla", "least_squares", "hinge", "none"] | None, typer.Option(help="The GAN's loss; vanilla.")
    ] = None,
    reconstruction: Annotated[
        Literal["l1", "l2", "none"] | None, typer.Option(help="The loss against the truth; l1.")
    ] = None,
    reconstruction_weight: Annotated[float | None, typer.Option(min=0, help="Its weight; 100.")] = None,
    checkpoint_every: Annotated[int | None, typer.Option(min=1, help="Steps between checkpoints; 500.")] = None,
    preview_every: Annotated[int | None, typer.Option(min=1, help="Steps between previews; 500.")] = None,
    archive: Annotated[pathlib.Path | None, typer.Option(help="The data set's archive, if it lies on disk.")] = None,
    out: Annotated[pathlib.Path | None, typer.Option(help="The run's folder; a fresh one in runs/.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out, or with the newest.")] = False,
):
    """Train a model; without options, pix2pix on synthetic street fronts for a few minutes."""
    given = {name: value for name, value in locals().items() if value is not None}
    with quiet_start():
        from pix2pix_tf import commands
    commands.train(**given)


@app.command()
def translate(
    run: Annotated[pathlib.Path, typer.Argument(help="A run's folder, or a generator's .keras file.")],
    images: Annotated[list[pathlib.Path], typer.Argument(help="Image files, and folders of them.")],
    out: Annotated[pathlib.Path, typer.Option(help="Folder for the PNGs, named and sized like the inputs.")],
    direction: Annotated[Direction | None, typer.Option(help="For runs that learn both ways.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Decides the noise; 0.")] = None,
    resize: Annotated[bool, typer.Option("--resize", help="Work at the trained size instead of padding.")] = False,
):
    """Translate images of any size with a trained generator."""
    with quiet_start():
        from pix2pix_tf import commands
    commands.translate(run, images, out, direction, seed, resize)


@data_app.command("list")
def data_list():
    """List the data sets."""
    with quiet_start():
        from pix2pix_tf import commands
    commands.data_list()


@data_app.command("prepare")
def data_prepare(
    name: Annotated[str, typer.Argument(help="A data set, see `data list`.")],
    archive: Annotated[pathlib.Path | None, typer.Option(help="Its archive, if it lies on disk.")] = None,
):
    """Download, check and unpack a data set, or take it from an archive."""
    with quiet_start():
        from pix2pix_tf import commands
    commands.data_prepare(name, archive)


@data_app.command("show")
def data_show(
    name: Annotated[str, typer.Argument(help="A data set or a folder.")],
    split: Annotated[str, typer.Option(help="train, val or test.")] = "train",
    image_size: Annotated[int, typer.Option(help="Side of the images in pixels.")] = 256,
    out: Annotated[pathlib.Path | None, typer.Option(help="The picture; NAME.png in the current folder.")] = None,
):
    """Describe a data set and draw a sheet of its pairs."""
    with quiet_start():
        from pix2pix_tf import commands
    commands.data_show(name, split, image_size, out)
