"""The command `translate`: image files in, PNGs of the same names and sizes out."""

import sys

import numpy as np
import tensorflow as tf

from pix2pix_tf import colorization, datasets, errors, generators, palettes, runs, translation
from pix2pix_tf import images as image_files
from pix2pix_tf.cli import editing as editing_choice
from pix2pix_tf.cli import outputs
from pix2pix_tf.cli import palette as palette_choice
from pix2pix_tf.system import files as file_names


def translate(
    run,
    images,
    out,
    direction,
    seed,
    resize,
    force=False,
    palette=None,
    saturation=None,
    instances=None,
    style=None,
):
    """Translate image files into PNGs of the same names and sizes; check all of them before the first is written."""
    tf.config.experimental.enable_op_determinism()
    files = _plan_outputs(images, out)
    for output in files.values() if out.is_dir() else ():
        outputs.check(output, image_files.is_own, force)
    translator = open_translator(run, direction)
    is_colorizer = isinstance(translator, colorization.Colorizer)
    if saturation is not None and not is_colorizer:
        raise errors.InputError(f"--saturation {saturation}: {run} does not colour photographs; leave it out")
    if resize and is_colorizer:
        raise errors.InputError(f"--resize: {run} colours photographs, and keeps their size anyway; leave it out")
    edits = editing_choice.Choice(run, translator, instances, style or ())
    edits.check_count(len(files))
    choose = None if palette is None else palette_choice.choose(palette, translator, run)
    found = [problem for file in files for problem in _find_problems(file, translator, resize)]
    found = found or list(dict.fromkeys(problem for file in files for problem in edits.find_problems(file)))
    if found:
        raise errors.InputError("; ".join(errors.first(found)))
    outputs.make_folder(out)
    if passed_over := _find_foreign(images):
        named = ", ".join(errors.first(passed_over))
        count = len(passed_over)
        print(f"passed over: {count} picture{'s' * (count != 1)} of other formats, {named}", file=sys.stderr)
    for file, output in files.items():
        stored, alpha = image_files.read_with_alpha(file) if is_colorizer else (edits.read(file), None)
        image = image_files.to_float(stored)
        chosen = {} if choose is None else {"palette": choose(image)}
        chosen |= {} if saturation is None else {"saturation": saturation}
        chosen |= edits.choose(file)
        translated = image_files.to_uint8(translator(image[None], edits.seed_of(seed, file), resize, **chosen)[0])
        translated = np.repeat(translated, 3, -1) if translated.shape[-1] == 1 else translated
        image_files.write(output, translated if alpha is None else np.dstack([translated, alpha]))
        print(errors.readable(output))


def _plan_outputs(images, out):
    """Return every image file and where its translation goes; raise InputError where two would share a name."""
    taken = {}
    for file in dict.fromkeys(file for path in images for file in _expand(path)):
        output = out / file_names.fit_name(file.stem, ".png")
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
    visible = (file for file in path.iterdir() if file.name[0] != "." and not file.is_dir())
    files = sorted(file for file in visible if file.suffix.lower() in suffixes)
    if not files:
        raise errors.InputError(f"{path}: holds no images; expected {', '.join(suffixes)}")
    return files


def _find_foreign(paths):
    """Return the pictures in the folders among some paths that are of formats which are not read."""
    foreign = image_files.FOREIGN_SUFFIXES
    inside = (file for path in paths if path.is_dir() for file in path.iterdir() if file.name[0] != ".")
    return sorted(str(file) for file in inside if file.suffix.lower() in foreign and not file.is_dir())


def _find_problems(file, translator, resize):
    """Return why an image file cannot be translated, as a list of none or one."""
    try:
        image = image_files.read(file)
    except errors.InputError as error:
        return [str(error)]
    try:
        translator.check((1, *image.shape), resize)
    except errors.InputError as error:
        return [f"{file}: {error}"]
    try:
        if isinstance(translator, palettes.Painter):
            palettes.check_label_map(image, translator.colours, file)
    except errors.InputError as error:
        return [str(error)]
    return []


def open_translator(run, direction):
    """Return what translates as a run has learned to, or as the generator in a .keras file does."""
    if run.suffix != ".keras":
        opened = runs.open(run)
        if direction is not None and opened.task == colorization.TASK:
            raise errors.InputError(f"{run}: colours photographs; leave out --direction {direction}")
        return opened.translator(direction)
    learned = _directions_of_file(run)
    if direction is not None and learned != (direction,):
        said = f"translates {learned[0]}" if len(learned) == 1 else "does not say which way it translates"
        raise errors.InputError(f"{run}: {said}; leave out --direction {direction}")
    translator = translation.Translator(translation.load(run), run)
    channels = [side[0].shape[3] for side in (translator.generator.inputs, translator.generator.outputs)]
    _refuse_part(run, translator.generator.name, channels)
    if channels in ([6, 3], [3, 2]):
        translator = palettes.Painter(translator, *palettes.load(run.parent))
    if channels[1] == 2 and channels[0] in (1, 3):
        return colorization.Colorizer(translator)
    if channels == [6, 3]:
        return translator
    if channels[0] != 3 or channels[1] not in (1, 3):
        raise errors.InputError(
            f"{run}: makes {channels[1]} channels from {channels[0]}; expected colours from colours"
        )
    return translator


def _refuse_part(path, name, channels):
    """Raise InputError if a file holds a network of pix2pixHD that is of use with the rest of its run alone."""
    if name == generators.ENCODER:
        raise errors.InputError(f"{path}: is the encoder of a run, which makes no images; give the run's folder")
    if name == generators.COARSE_TO_FINE and channels[0] != 3:
        said = f"takes label maps as {channels[0]} planes, which its run's config.json describes"
        raise errors.InputError(f"{path}: {said}; give the run's folder")


def _directions_of_file(path):
    """Return the directions that a generator's file may have: those of the run beside it that its name allows."""
    try:
        run = runs.open(path.parent)
    except errors.InputError:  # a file that was taken out of its run
        return tuple(way for way in datasets.DIRECTIONS if way in path.stem) or datasets.DIRECTIONS
    return tuple(way for way in run.directions if run.method.paired or way in path.stem) or run.directions
