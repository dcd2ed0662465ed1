"""Image files to arrays and back: every mode a photograph or a label map comes in ends as 8-bit RGB."""

import io
import os
import pathlib
import re
import struct
import warnings
import zlib

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

from pix2pix_tf import errors
from pix2pix_tf.system import files

SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp")
# Pictures this package does not read.
FOREIGN_SUFFIXES = (
    *(".gif", ".tif", ".tiff", ".heic", ".heif", ".avif", ".jp2", ".jxl", ".psd", ".svg", ".tga"),
    *(".pbm", ".pgm", ".ppm", ".pnm"),
)
PICTURE_SUFFIXES = (*SUFFIXES, *FOREIGN_SUFFIXES)
SCALE, ONE = np.float32(1 / 127.5), np.float32(1)  # 0 to 255 -> -1 to 1, exactly at both ends
FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
LABEL_COLOURS = 64
MAX_PIXELS = 100_000_000  # 300 MB as RGB; the largest cameras in use make pictures of about this size
WIDEST = 1.001  # what counts as within -1 to 1, for roundings
MAX_PROFILE = 2**24  # bytes of a colour profile; those of printers have a few million
OWN = "pix2pix_tf"  # what a picture that this package wrote says of its software
SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG", b"BM", b"GIF8", b"II*\0", b"MM\0*", b"8BPS", b"\0\0\0\x0cjP  ", b"\xff\x0a")

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_CHUNKS = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS")  # those that decide the pixels
_ORIENTATION = 0x112  # the tag in EXIF data; its values from 2 on are turns, in order
_TURNS = dict(
    enumerate(
        (
            Image.Transpose.FLIP_LEFT_RIGHT,
            Image.Transpose.ROTATE_180,
            Image.Transpose.FLIP_TOP_BOTTOM,
            Image.Transpose.TRANSPOSE,
            Image.Transpose.ROTATE_270,
            Image.Transpose.TRANSVERSE,
            Image.Transpose.ROTATE_90,
        ),
        start=2,
    )
)
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # of a JPEG, after the data of a scan
_SRGB = ImageCms.createProfile("sRGB")
_PROFILED = ("L", "LA", "RGB", "RGBA", "P", "PA", "CMYK")  # modes whose colours a profile can be about
_SPACES = {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK"}

# Pillow only warns of large images, and only above its own limit; the check below refuses them in one line.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


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
        pixels, profile, exif = _without_metadata(data)
        with Image.open(io.BytesIO(pixels), formats=FORMATS) as image:
            _refuse_large(image.size, name)
            image.load()
            _refuse_cut(image, pixels)
            turn = _TURNS.get(_read_orientation(image, exif))
            image = _to_srgb(image, profile or image.info.get("icc_profile"), name)
            return _to_rgb(image if turn is None else image.transpose(turn))
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
    text = PngImagePlugin.PngInfo()
    text.add_text("Software", OWN)
    kept = {".png": {"pnginfo": text}, ".jpg": {"comment": OWN}, ".jpeg": {"comment": OWN}}.get(path.suffix.lower(), {})
    try:
        with files.whole(path) as unfinished:
            Image.fromarray(np.asarray(image, np.uint8)).save(unfinished, **kept)
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


def _refuse_large(size, name):
    """Refuse an image by its header, before memory is taken for it."""
    width, height = size
    if width * height > MAX_PIXELS:
        raise errors.InputError(
            f"{name}: has {width}x{height} pixels, at most {MAX_PIXELS // 10**6} megapixels are decoded; "
            "shrink or remove it"
        )


def _without_metadata(data):
    """Return a PNG without the parts that do not decide its pixels, and the colour profile and EXIF data among them.

    Pillow refuses whole files for a text of more than a megabyte, or for the checksum of one. Other formats are
    returned as they are, with None and None.
    """
    if not data.startswith(_PNG):
        return data, None, None
    kept, profile, exif, place = [_PNG], None, None, len(_PNG)
    while place + 12 <= len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        content = data[place + 8 : place + 8 + length]
        if kind in _PNG_CHUNKS:
            kept.append(data[place : place + 12 + length])
        elif kind == b"iCCP":
            profile = _read_profile(content)
        elif kind == b"eXIf":
            exif = content
        place += 12 + length
    return b"".join([*kept, data[place:]]), profile, exif  # what is cut short is the decoder's to name


def _read_profile(chunk):
    """Return the colour profile in a PNG's chunk; None where it is damaged or too large to be one."""
    packed = chunk.partition(b"\0")[2][1:]
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(packed, MAX_PROFILE)
    except zlib.error:
        return None
    return None if unpacker.unconsumed_tail else profile


def _read_orientation(image, exif):
    """Return the number of a camera's turn; 1, none, where it is not told, or in a way that cannot be read."""
    try:
        if exif is None:
            return image.getexif().get(_ORIENTATION, 1)
        read = Image.Exif()
        read.load(exif)
        return read.get(_ORIENTATION, 1)
    except Exception:  # of many types; what else the metadata say does not matter
        return 1


def _refuse_cut(image, data):
    """Refuse a JPEG that ends early and still has its end mark: decoders fill the rest with grey and do not say so.

    The last block is grey then, but for a progressive one. It may be so in a whole picture too: that one does not
    change with other data behind.
    """
    if image.format != "JPEG":
        return
    corner = (image.width - 1, image.height - 1, image.width, image.height)
    is_grey = abs(image.crop(corner).convert("L").getpixel((0, 0)) - 128) <= 1
    end = _find_scan_end(data) if is_grey or image.info.get("progressive") else None
    if end is None:
        return
    noise = bytes(range(1, 255)) * 16
    more = b"".join(noise + bytes([0xFF, 0xD0 + number % 8]) for number in range(16))  # with marks to go on from
    with Image.open(io.BytesIO(data[:end] + more + data[end:]), formats=("JPEG",)) as other:
        if np.any(np.asarray(image) != np.asarray(other)):
            raise ValueError("its data end early")


def _find_scan_end(data):
    """Return where the end mark of a JPEG is, after the data of its last scan; None where it cannot be found."""
    place = 2
    while place + 2 <= len(data) and data[place] == 0xFF:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if marker == 0xD9:
            return place
        if marker == 0xFF:  # a filler
            place += 1
            continue
        place += 2 + length
        if marker == 0xDA:
            found = _NEXT_MARKER.search(data, place)
            place = found.start() if found else len(data)
    return None


def _to_srgb(image, profile, name):
    """Convert the colours of a Pillow image by its profile; where that cannot be, leave them and say so."""
    if not profile or image.mode not in _PROFILED:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = _SPACES.get(source.profile.xcolor_space.strip())
        if mode is None or "srgb" in ImageCms.getProfileDescription(source).lower():
            return image
        alpha = None
        if "A" in image.mode or "transparency" in image.info:
            image = image.convert("RGBA")
            alpha, image = image.getchannel("A"), image.convert("RGB")
        if "CMYK" in (mode, image.mode) and mode != image.mode:
            raise ValueError(f"it is of {mode}, and the picture {image.mode}")
        converted = ImageCms.profileToProfile(image.convert(mode), source, _SRGB, outputMode="RGB")
        if alpha is not None:
            converted.putalpha(alpha)
        return converted
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        said = f"{errors.readable(name)}: its colour profile cannot be used ({reason}); its colours are taken for sRGB"
        warnings.warn(said, errors.NoteWarning, stacklevel=2)
        return image


def _to_rgb(image):
    """Convert a Pillow image of any mode to a uint8 array of shape (height, width, 3)."""
    if image.mode in ("I", "I;16", "I;16B", "I;16L", "F"):
        # Pillow's own conversion clips at 255; a 16-bit file's white is 65535 = 255 * 257.
        values = np.asarray(image, np.float64)
        grey = np.round(np.clip(values, 0, 65535) / 257).astype(np.uint8)
        if isinstance(image.info.get("transparency"), int):
            grey[values == image.info["transparency"]] = 255
        return np.repeat(grey[:, :, np.newaxis], 3, axis=2)
    if "A" in image.mode or "a" in image.mode or "transparency" in image.info:
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema() != (0, 0):
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.array(image.convert("RGB"))
