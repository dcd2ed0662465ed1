"""From the files of a pair to its sides: colours, label maps that are stored as ids, void, and instances."""

import numpy as np

from pix2pix_tf import errors, ids, images
from pix2pix_tf.datasets import components

MOST_CLASSES = 256  # colours of a label map that are still classes rather than noise


def read_bytes(files, folder):
    """Return the bytes of each of an example's files, a list."""
    return [images.read_bytes(path, path.relative_to(folder)) for path in files.paths]


def decode(files, folder, *data, ids_in=(), void_of=None, instances_of=None):
    """Decode and check a pair.

    Args:
        files: its `folder_layouts.Files`.
        folder: pathlib.Path of the set.
        *data: their content, as `read_bytes` gives it.
        ids_in: the sides of which label maps are stored as ids: "a", "b", both or none. They are coloured.
        void_of: "a" or "b", whose transparent pixels make a further side of void; None makes none.
        instances_of: "a" or "b", the label maps of which instances make a further side: those of their own file, where
            there is one, else their connected parts. None makes none.

    Returns:
        A and B, uint8 arrays of the same shape (height, width, 3); then void, uint8 (height, width, 1), 0 or 1; then
        instances, int32 (height, width, 1).

    Raises:
        errors.InputError: if a file cannot be used, or two are of different sizes.
    """
    a, b = _decode_sides(files, folder, data, ids_in, void_of is not None)
    sides = [a[..., :3], b[..., :3]]
    if void_of is not None:
        sides.append((a if void_of == "a" else b)[..., 3:])
    if instances_of is not None:
        sides.append(_find_instances(files, folder, data, sides["ab".index(instances_of)], instances_of))
    return tuple(sides)


def decode_side(files, folder, side, ids_in=()):
    """Read and decode one side of a pair alone.

    Args:
        files, folder, ids_in: as of `decode`.
        side: 0 for A, 1 for B.

    Returns:
        uint8 array (height, width, 3).

    Raises:
        errors.InputError: if its file cannot be used.
    """
    path = files.b if side == 1 and files.b else files.a
    name = path.relative_to(folder)
    data = images.read_bytes(path, name)
    if files.b is None:
        return images.halves(images.decode(data, name), name)[side]
    return (ids.decode_classes if "ab"[side] in ids_in else images.decode)(data, name)


def can_be_transparent(splits, side):
    """Say by the headers of the files of side "a" or "b" whether any of them may have transparent pixels."""
    return any(map(images.can_be_transparent, _list_side(splits, side)))


def are_grey_ids(splits, side):
    """Say by their headers whether all files of side "a" or "b" have one channel, so that they may hold ids."""
    return all(map(ids.is_grey_file, _list_side(splits, side)))


def _list_side(splits, side):
    """Return the paths of the files of a side, in all splits."""
    return (files.b if side == "b" and files.b else files.a for found in splits.values() for files in found)


def _decode_sides(files, folder, data, ids_in, with_void):
    """Return A and B, uint8 arrays of the same shape (height, width, 3), or 4 with void."""
    decode_colours = images.decode_with_void if with_void else images.decode
    name = files.a.relative_to(folder)
    if files.b is None:
        return images.halves(decode_colours(data[0], name), name)
    name_b = files.b.relative_to(folder)
    a, b = (
        ids.decode_classes(content, path) if side in ids_in else decode_colours(content, path)
        for side, content, path in (("a", data[0], name), ("b", data[1], name_b))
    )
    _check_sizes((a, name), (b, name_b))
    return a, b


def _check_sizes(*named):
    """Raise InputError unless two images, each with its file's name, have the same height and width."""
    sizes = [(f"{image.shape[1]}x{image.shape[0]}", name) for image, name in named]
    if sizes[0][0] != sizes[1][0]:
        (size, name), (other_size, other) = sizes
        raise errors.InputError(f"{name}: has {size} pixels and {other} {other_size}; make them the same size")


def _find_instances(files, folder, data, label_map, side):
    """Return the instances of a label map, int32 (height, width, 1): given, or its connected parts."""
    path = files.b if side == "b" and files.b else files.a
    name = path.relative_to(folder)
    if files.instances is not None:
        own = files.instances.relative_to(folder)
        instances = images.decode_ids(data[-1], own)
        _check_sizes((instances, own), (label_map, name))
        return instances
    _refuse_noise(data[0 if path == files.a else 1], label_map, name)
    return components.find_components(label_map)


def _refuse_noise(content, label_map, name):
    """Refuse a label map whose colours are blurred: its parts would be single pixels."""
    few = images.is_lossless(content) and len(np.unique(components.pack(label_map))) <= MOST_CLASSES
    if not few:
        raise errors.InputError(
            f"{name}: is a label map of blurred colours, which has no parts; make a PNG of one colour a class, or put "
            "ids of instances into instances/ beside A/ and B/"
        )
