"""Image files to arrays and back: every mode a photograph or a label map comes in ends as 8-bit RGB."""

import os
import pathlib

import numpy as np
from PIL import Image, PngImagePlugin

from pix2pix_tf import decoding, errors, ids
from pix2pix_tf.system import files

SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp")
# Pictures this package does not read.
FOREIGN_SUFFIXES = (
    *(".gif", ".tif", ".tiff", ".heic", ".heif", ".avif", ".jp2", ".jxl", ".psd", ".svg", ".tga"),
    *(".pbm", ".pgm", ".ppm", ".pnm"),
)
PICTURE_SUFFIXES = (*SUFFIXES, *FOREIGN_SUFFIXES)
SCALE, ONE = np.float32(1 / 127.5), np.float32(1)  # 0 to 255 -> -1 to 1, exactly at both ends
LABEL_COLOURS = 64
WIDEST = 1.001  # what counts as within -1 to 1, for roundings
OWN = "pix2pix_tf"  # what a picture that this package wrote says of its software
SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG", b"BM", b"GIF8", b"II*\0", b"MM\0*", b"8BPS", b"\0\0\0\x0cjP  ", b"\xff\x0a")

decode = decoding.decode  # (data, name) -> uint8 (height, width, 3)
decode_with_void = decoding.decode_with_void  # (data, name) -> uint8 (height, width, 4), the last 1 where transparent
is_grey = decoding.is_grey  # (path, side, least) -> bool
can_be_transparent = decoding.can_be_transparent  # path -> bool, by the header
decode_ids = ids.decode  # (data, name) -> int32 (height, width, 1)
UNLABELLED = ids.UNLABELLED  # the id of pixels without a class
colour_ids = ids.colour  # integers (...) from 0 to 255 -> uint8 (..., 3)
ids_of_colours = ids.of_colours  # uint8 (..., 3) -> uint8 (...)


def read(path):
    """Read an image file of any supported mode, as a viewer shows it.

    Greyscale is repeated, palettes are looked up, 16-bit values are scaled (never clipped), CMYK is converted, and a
    camera's EXIF rotation is applied. Transparency is laid on white, but for an alpha of 0 everywhere, which programs
    write that mean none. Colours are converted to sRGB by the file's profile. Of an animation the first frame counts.
    Metadata that is odd or damaged is passed over: the pixels decide whether a file is whole.

    Args:
        path: path of a JPEG, PNG, WebP or BMP file.

    Returns:
        uint8 array of shape (height, width, 3), values 0 to 255.

    Raises:
        errors.InputError: if the file cannot be opened, is empty, damaged, no image, or too large to decode.
    """
    return decode(read_bytes(path), path)


def read_with_alpha(path):
    """Read an image file and how opaque each of its pixels is.

    Returns:
        uint8 (height, width, 3) and uint8 (height, width). Where a pixel is half transparent its colour is the file's
        own, which `read` lays on white. The second is None where all pixels are opaque.

    Raises:
        errors.InputError: as `read`.
    """
    if not decoding.can_be_transparent(path):
        return read(path), None
    decoded = decoding.decode_with_alpha(read_bytes(path), path)
    colours, alpha = decoded[..., :3], decoded[..., 3]
    return colours, None if alpha.min() == 255 else alpha


def read_bytes(path, name=None):
    """Read a file's content.

    Args:
        path: its path.
        name: what to call it in an error message; None is its path.

    Returns:
        bytes.

    Raises:
        errors.InputError: if it cannot be opened, or is no file, such as a device or a pipe that never ends.
    """
    path, name = pathlib.Path(path), path if name is None else name
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise errors.InputError(f"{name}: is a device or a pipe; expected an image file")
        return path.read_bytes()
    except OSError as error:
        raise errors.InputError(
            f"{name}: cannot be opened ({error.strerror}); check the path and its permissions"
        ) from error


def write(path, image, **options):
    """Write an image file; the suffix decides the format. The file appears whole or not at all.

    Args:
        path: where to write, such as a path that ends in `.png`.
        image: uint8 array of shape (height, width, 3), or 4 with alpha.
        **options: of the format, as of `PIL.Image.Image.save`, such as `lossless`.

    Raises:
        errors.RunError: if the file cannot be written.
    """
    path = pathlib.Path(path)
    text = PngImagePlugin.PngInfo()
    text.add_text("Software", OWN)
    kept = {".png": {"pnginfo": text}, ".jpg": {"comment": OWN}, ".jpeg": {"comment": OWN}}.get(path.suffix.lower(), {})
    try:
        with files.whole(path) as unfinished:
            Image.fromarray(np.asarray(image, np.uint8)).save(unfinished, **kept, **options)
    except OSError as error:
        reason = error.strerror or error
        raise errors.RunError(f"{path}: cannot be written ({reason}); check the folder and the free space") from error


def is_own(path):
    """Say whether a picture is one that `write` or `plots.save` wrote, by what it says of its software."""
    try:
        with Image.open(path, formats=("PNG", "JPEG")) as image:
            said = image.info.get("Software", image.info.get("comment", b""))
            return (said.encode() if isinstance(said, str) else said).startswith(OWN.encode())
    except Exception:  # whatever it is
        return False


def is_picture(path):
    """Say whether a file is a picture of any kind, by its ending or its first bytes."""
    if pathlib.Path(path).suffix.lower() in PICTURE_SUFFIXES:
        return True
    try:
        with open(path if pathlib.Path(path).is_file() else os.devnull, "rb") as file:  # a pipe would never answer
            start = file.read(16)
    except OSError:
        return False
    return (
        start.startswith(SIGNATURES)
        or start[8:12] == b"WEBP"
        or start[4:8] == b"ftyp"
        and start[8:12] in (b"avif", b"heic", b"heix", b"mif1")
        or (start[:1] == b"P" and start[1:2] in b"123456" and start[2:3] in b"\n\r \t" and len(start) > 2)
    )


def read_ids(path):
    """Read a picture whose values are no colours but names of things: every id is kept.

    Args:
        path: path of a file as `decode_ids` takes it.

    Returns:
        int32 array (height, width, 1).

    Raises:
        errors.InputError: if the file cannot be opened, is damaged, or has colours instead of ids.
    """
    return decode_ids(read_bytes(path), path)


def is_label_map(image):
    """Tell whether an image has as few colours as a label map: 64 at most, and 16 pixels at least for each.

    Args:
        image: array (height, width, channels) of any type.
    """
    pixels = image.reshape(-1, image.shape[-1])
    most = min(LABEL_COLOURS, len(pixels) // 16)
    sample = pixels[:: max(1, len(pixels) // 4096)]  # it answers for most photographs
    return all(len(np.unique(part, axis=0)) <= most for part in (sample, pixels))


def is_lossless(data):
    """Tell by its first bytes whether a file keeps its colours: PNG, BMP, lossless WebP."""
    return data.startswith((b"\x89PNG", b"BM")) or data[8:16] == b"WEBPVP8L"


def resize(image, size, labels=False):
    """Resize an image.

    Photographs are resampled bicubically, with antialias where they shrink; label maps, ids and masks take the nearest
    pixel, so that nothing is invented at an edge.

    Args:
        image: array (height, width, channels), uint8, int32 or float32; of the latter, values in [-1, 1].
        size: new side, or (height, width).
        labels: whether the nearest pixel is taken.

    Returns:
        Array (size, size, channels) or (height, width, channels) of the same type.
    """
    height, width = (size, size) if isinstance(size, int) else size
    if image.shape[:2] == (height, width):
        return image
    method = Image.Resampling.NEAREST if labels else Image.Resampling.BICUBIC
    if image.dtype == np.uint8 and image.shape[2] == 3:
        return np.asarray(Image.fromarray(image).resize((width, height), method))
    channels = [Image.fromarray(np.ascontiguousarray(channel)) for channel in np.moveaxis(image, -1, 0)]
    resized = np.stack([np.asarray(channel.resize((width, height), method)) for channel in channels], axis=-1)
    return resized.clip(-1, 1) if image.dtype == np.float32 else resized  # a cubic overshoots


def halves(image, name):
    """Cut a side-by-side pair in two.

    Args:
        image: uint8 array of shape (height, width, channels).
        name: what to call it in an error message.

    Returns:
        Two arrays of shape (height, width / 2, channels).

    Raises:
        errors.InputError: if the width is odd.
    """
    width = image.shape[1]
    if width % 2:
        raise errors.InputError(
            f"{name}: has an odd width of {width} pixels, and both sides need the same; cut it anew"
        )
    return image[:, : width // 2], image[:, width // 2 :]


def check_values(values, name="images"):
    """Raise InputError unless values are in the networks' range: of a floating type, finite, from -1 to 1.

    Args:
        values: array or tensor of any shape.
        name: what to call them in the message.
    """
    dtype = getattr(values.dtype, "name", str(values.dtype))
    if "float" not in dtype:
        raise errors.InputError(f"{name}: of type {dtype}; expected floats from -1 to 1, see images.to_float")
    found = np.asarray(values, np.float32)
    low, high = (float(found.min()), float(found.max())) if found.size else (0.0, 0.0)
    if not (low >= -WIDEST and high <= WIDEST):  # so written for NaN
        said = "not finite" if np.isnan(low + high) else f"values from {low:.4g} to {high:.4g}"
        raise errors.InputError(f"{name}: {said}; expected -1 to 1, see images.to_float")


def to_float(image):
    """Map stored values to the networks' range: uint8 0 to 255 of any shape -> float32 -1 to 1."""
    return np.asarray(image, np.float32) * SCALE - ONE


def to_uint8(image):
    """Map the networks' range to stored values, rounded and clipped: float -1 to 1 of any shape -> uint8 0 to 255."""
    return np.clip(np.round((np.asarray(image, np.float32) + 1) * 127.5), 0, 255).astype(np.uint8)
