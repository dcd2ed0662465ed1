"""The command `translate`: image files in, PNGs of the same names and sizes out."""

import tensorflow as tf

from pix2pix_tf import errors, runs, translation
from pix2pix_tf import images as image_files


def translate(run, images, out, direction, seed, resize):
    """Translate image files into PNGs of the same names and sizes; check all of them before the first is written."""
    tf.config.experimental.enable_op_determinism()
    files = _plan_outputs(images, out)
    translator = _open_translator(run, direction)
    found = [problem for file in files for problem in _find_problems(file, translator, resize)]
    if found:
        raise errors.InputError("; ".join(errors.first(found)))
    _make_folder(out)
    for file, output in files.items():
        image = image_files.to_float(image_files.read(file))
        image_files.write(output, image_files.to_uint8(translator(image[None], seed, resize)[0]))
        print(output)


def _plan_outputs(images, out):
    """Return every image file and where its translation goes; raise InputError where two would share a name."""
    taken = {}
    for file in dict.fromkeys(file for path in images for file in _expand(path)):
        output = out / f"{file.stem}.png"
        if output in taken:
            raise errors.InputError(
                f"{taken[output]} and {file} would both be written to {output}; translate them apart"
            )
        if output.exists() and file.exists() and output.samefile(file):
            raise errors.InputError(f"{file}: would be overwritten by its translation; choose another --out")
        taken[output] = file
    return {file: output for output, file in taken.items()}


def _expand(path):
    """Return the image files that a path names: itself, or those in a folder."""
    if not path.is_dir():
        return [path]
    suffixes = image_files.SUFFIXES
    files = sorted(file for file in path.iterdir() if file.suffix.lower() in suffixes and file.name[0] != ".")
    if not files:
        raise errors.InputError(f"{path}: holds no images; expected {', '.join(suffixes)}")
    return files


def _find_problems(file, translator, resize):
    """Return why an image file cannot be translated, as a list of none or one."""
    try:
        shape = image_files.read(file).shape
    except errors.InputError as error:
        return [str(error)]
    try:
        translator.check((1, *shape), resize)
    except errors.InputError as error:
        return [f"{file}: {error}"]
    return []


def _make_folder(out):
    """Make the folder for the translations."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise errors.InputError(f"{out}: is no folder to write to ({error.strerror}); choose another --out") from error


def _open_translator(run, direction):
    """Return what translates as a run has learned to, or as the generator in a .keras file does."""
    if run.suffix == ".keras":
        return translation.Translator(translation.load(run))
    return runs.open(run).translator(direction)
