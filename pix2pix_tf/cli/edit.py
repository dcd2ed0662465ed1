"""The command `edit`: one label map in, a sheet of all the styles that one of its things can have out."""

import numpy as np
import tensorflow as tf

from pix2pix_tf import errors, images, plots, styles
from pix2pix_tf.cli import editing, outputs
from pix2pix_tf.cli import translate as translate_command

ROW = 6  # pictures beside each other
DIMMED = 0.25  # of the contrast of what stays as it is
LISTED = 12  # instances that are named


def edit(run, image, out, change=None, instances=None, style=None, photo=None, seed=0, force=False):
    """Translate a label map once with every style of an instance, or of all instances of a class; draw a sheet.

    Args:
        run: path of a run of pix2pixHD with features.
        image: path of the label map.
        out: path of the sheet.
        change: an instance's id, or the name of a class; None takes the largest instance.
        instances: path of the PNG of its instances, or of a folder of such; None takes connected parts.
        style: list of texts, CLASS=NUMBER or ID=NUMBER, of what is not changed.
        photo: path of a photo of the label map's size, whose own styles are taken where none is named.
        seed: decides the styles of all others.
        force: whether a file may be written over that this program did not write.
    """
    tf.config.experimental.enable_op_determinism()
    if out.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise errors.InputError(f"--out {out}: expected the name of a .png or .jpg file")
    if out.parent.is_dir():
        outputs.check(out, images.is_own, force)
    translator = translate_command.open_translator(run, None)
    choice = editing.Choice(run, translator, instances, style or ())
    editor = choice.editor
    if editor is None or not editor.dimensions:
        raise errors.InputError(f"{run}: has learned no styles; expected a run of --method pix2pixhd with --features")
    label_map = images.to_float(choice.read(image))
    editor.check((1, *label_map.shape))
    told = choice.choose(image)
    ids = told["instances"][0]
    index, instance = _find(change, editor, label_map, ids)
    kind, own = _describe(index, instance, editor, label_map, ids)
    key = instance if index is None else editor.names[index]
    if key in told.get("styles", {}):
        raise errors.InputError(
            f"--style {key}={told['styles'][key]}: {key} gets all styles on the sheet; leave it out"
        )
    told["photos"] = None if photo is None else _read_photo(photo, label_map.shape)[None]
    print(_say(index, instance, editor, kind, own))
    shown = {"label map": label_map, "what changes": _mark(label_map, np.isin(ids, own))}
    shown |= {} if photo is None else {"photo": told["photos"][0]}
    sizes = editor.styles.sizes.get(kind, [0])
    for number in range(len(sizes)):
        chosen = {**told.get("styles", {}), key: number}
        shown[f"style {number}"] = editor(label_map[None], choice.seed_of(seed, image), **{**told, "styles": chosen})[0]
    outputs.make_folder(out.parent)
    images.write(out, _arrange(shown))
    print(errors.readable(out))


def _find(change, editor, label_map, ids):
    """Return the index of the class that is to change and None, or None and the id of the instance."""
    if change is not None:
        return styles.find(f"--change {change}", change, editor.names, ids)
    found, _, pixels, _ = editor.classes_of(label_map, ids)
    return None, int(found[pixels.argmax()])


def _describe(index, instance, editor, label_map, ids):
    """Return the class of what changes, and the ids of its instances."""
    found, classes, *_ = editor.classes_of(label_map, ids)
    if index is None:
        return int(classes[found == instance][0]), np.array([instance])
    own = found[classes == index]
    if not len(own):
        present = ", ".join(editor.names[number] for number in np.unique(classes) if number < len(editor.names))
        raise errors.InputError(f"--change {editor.names[index]}: the picture has none; it has {present}")
    return index, own


def _say(index, instance, editor, kind, own):
    """Return in words what changes, and how many styles there are."""
    name = editor.styles.name(kind)
    who = (
        f"instance {instance}, {name}"
        if index is None
        else f"{name}, instances {', '.join(errors.first(own.astype(str).tolist(), LISTED))}"
    )
    count = len(editor.styles.sizes.get(kind, [0]))
    return f"{who}: {count} style{'s' * (count != 1)}"


def _mark(label_map, is_changed):
    """Return a label map, float (height, width, 3), in which all else is pale, bool (height, width, 1) told."""
    return np.where(is_changed, label_map, 1 - DIMMED + DIMMED * label_map).astype(np.float32)


def _read_photo(path, shape):
    """Return a photo of a label map's size, float32 in [-1, 1]."""
    photo = images.read(path)
    if photo.shape != shape:
        sizes = [f"{side[1]}x{side[0]}" for side in (photo.shape, shape)]
        raise errors.InputError(f"{path}: has {sizes[0]} pixels and the label map {sizes[1]}; make them the same size")
    return images.to_float(photo)


def _arrange(shown):
    """Return named pictures in rows, uint8."""
    blank = np.ones_like(next(iter(shown.values())))
    items = list(shown.items())
    width = min(ROW, len(items))
    rows = [items[start : start + width] for start in range(0, len(items), width)]
    rows[-1] += [(" " * number, blank) for number in range(1, width - len(rows[-1]) + 1)]
    sheets = [plots.pixels(plots.sheet({name: one[None] for name, one in row}), plots.DPI) for row in rows]
    return np.concatenate(sheets)
