"""Image files to arrays and back: every mode a photograph or a label map comes in ends as 8-bit RGB."""

import io
import pathlib
import warnings

import numpy as np
from PIL import Image, ImageOps

from pix2pix_tf import errors
from pix2pix_tf.system import files

SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp")
SCALE, ONE = np.float32(1 / 127.5), np.float32(1)  # 0 to 255 -> -1 to 1, exactly at both ends
FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
LABEL_COLOURS = 64
MAX_PIXELS = 100_000_000  # 300 MB as RGB; the largest cameras in use make pictures of about this size

# Pillow only warns of large images, and only above its own limit; the check below refuses them in one line.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


def read(path):
    """Read an image file of any supported mode.

    Greyscale is repeated, palettes are looked up, transparency is laid on white, 16-bit values are scaled
    (never clipped), CMYK is converted and a camera's EXIF rotation is applied. Of an animation the first frame counts.

    Args:
        path: path of a JPEG, PNG, WebP or BMP file.

    Returns:
        uint8 array of shape (height, width, 3), values 0 to 255.

    Raises:
        errors.InputError: if the file cannot be opened, is empty, damaged, no image, or too large to decode.
    """
    try:
        data = pathlib.Path(path).read_bytes()
    except OSError as error:
        raise errors.InputError(
            f"{path}: cannot be opened ({error.strerror}); check the path and its permissions"
        ) from error
    return decode(data, path)


def decode(data, name):
    """Decode the bytes of an image file; see `read`.

    Args:
        data: the content of the file.
        name: what to call the file in an error message.

    Returns:
        uint8 array of shape (height, width, 3), values 0 to 255.

    Raises:
        errors.InputError: if the bytes are not a whole image of a supported format and a reasonable size.
    """
    if not data:
        raise errors.InputError(f"{name}: is empty (0 bytes); replace or remove it")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _refuse_large(image.size, name)
            return _to_rgb(ImageOps.exif_transpose(image))
    except Image.DecompressionBombError:
        raise errors.InputError(
            f"{name}: has far more than {MAX_PIXELS // 10**6} megapixels; shrink or remove it"
        ) from None
    except Image.UnidentifiedImageError:
        raise errors.InputError(
            f"{name}: is not a JPEG, PNG, WebP or BMP image; convert, replace or remove it"
        ) from None
    except (errors.InputError, MemoryError):
        raise
    except Exception as error:  # decoders report damage by errors of many types, from SyntaxError to struct.error
        reason = " ".join(str(error).split()) or type(error).__name__
        raise errors.InputError(f"{name}: is damaged and cannot be decoded ({reason}); replace or remove it") from error


def write(path, image):
    """Write an image file; the suffix decides the format. The file appears whole or not at all.

    Args:
        path: where to write, such as a path that ends in `.png`.
        image: uint8 array of shape (height, width, 3).

    Raises:
        errors.RunError: if the file cannot be written.
    """
    path = pathlib.Path(path)
    try:
        with files.whole(path) as unfinished:
            Image.fromarray(np.asarray(image, np.uint8)).save(unfinished)
    except OSError as error:
        reason = error.strerror or error
        raise errors.RunError(f"{path}: cannot be written ({reason}); check the folder and the free space") from error


def read_ids(path):
    """Read a picture whose values are no colours but names of things: every id is kept.

    Args:
        path: path of a greyscale PNG or BMP of 8 or 16 bits, or one with a palette, whose indices are the ids.

    Returns:
        int32 array (height, width, 1).

    Raises:
        errors.InputError: if the file cannot be opened, is damaged, or has colours instead of ids.
    """
    try:
        with Image.open(path, formats=("PNG", "BMP")) as image:
            if image.mode not in ("1", "L", "P", "I", "I;16", "I;16B", "I;16L"):
                raise errors.InputError(
                    f"{path}: has colours ({image.mode}); expected ids, a greyscale PNG of 8 or 16 bits"
                )
            return np.asarray(image).astype(np.int32)[..., None]
    except errors.InputError:
        raise
    except Exception as error:  # decoders report damage by errors of many types
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise errors.InputError(f"{path}: is no readable PNG of ids ({reason}); replace or remove it") from error


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
        image: uint8 array of shape (height, width, 3).
        name: what to call it in an error message.

    Returns:
        Two arrays of shape (height, width / 2, 3).

    Raises:
        errors.InputError: if the width is odd.
    """
    width = image.shape[1]
    if width % 2:
        raise errors.InputError(
            f"{name}: has an odd width of {width} pixels, and both sides need the same; cut it anew"
        )
    return image[:, : width // 2], image[:, width // 2 :]


def to_float(image):
    """Map stored values to the networks' range: uint8 0 to 255 of any shape -> float32 -1 to 1."""
    return np.asarray(image, np.float32) * SCALE - ONE


def to_uint8(image):
    """Map the networks' range to stored values, rounded and clipped: float -1 to 1 of any shape -> uint8 0 to 255."""
    return np.clip(np.round((np.asarray(image, np.float32) + 1) * 127.5), 0, 255).astype(np.uint8)


def _refuse_large(size, name):
    """Refuse an image by its header, before memory is taken for it."""
    width, height = size
    if width * height > MAX_PIXELS:
        raise errors.InputError(
            f"{name}: has {width}x{height} pixels, at most {MAX_PIXELS // 10**6} megapixels are decoded; "
            "shrink or remove it"
        )


def _to_rgb(image):
    """Convert a Pillow image of any mode to a uint8 array of shape (height, width, 3)."""
    if image.mode in ("I", "I;16", "I;16B", "I;16L", "F"):
        # Pillow's own conversion clips at 255; a 16-bit file's white is 65535 = 255 * 257.
        grey = np.round(np.clip(np.asarray(image, np.float64), 0, 65535) / 257).astype(np.uint8)
        return np.repeat(grey[:, :, np.newaxis], 3, axis=2)
    if "A" in image.mode or "a" in image.mode or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return np.array(image.convert("RGB"))
