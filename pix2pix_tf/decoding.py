"""The bytes of an image file to an array: the pixels, the turn and the colours that a viewer shows."""

import io
import pathlib
import re
import struct
import warnings
import zlib

import numpy as np
from PIL import Image, ImageCms

from pix2pix_tf import errors

FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
FORMATS_OF_IDS = ("PNG", "BMP")
MAX_PIXELS = 100_000_000  # 300 MB as RGB; the largest cameras in use make pictures of about this size
MAX_PROFILE = 2**24  # bytes of a colour profile; those of printers have a few million

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
_DEEP = ("I", "I;16", "I;16B", "I;16L", "F")  # modes of more than 8 bits
_IDS = ("1", "L", "P", "I", "I;16", "I;16B", "I;16L")  # modes of one whole number for each pixel
_OPAQUE = 128  # the least alpha of a pixel that is no void
_SPACES = {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK"}


# Pillow only warns of large images, and only above its own limit; the check below refuses them in one line.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


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
    return _decode(data, name, _to_rgb)


def decode_with_void(data, name):
    """Decode the bytes of an image file, and tell where it is transparent.

    Args:
        data: as of `decode`.
        name: as of `decode`.

    Returns:
        uint8 array of shape (height, width, 4): the colours that `decode` gives, values 0 to 255, and 1 where the alpha
        is below 128, else 0. An alpha of 0 everywhere means none.

    Raises:
        errors.InputError: as of `decode`.
    """
    return _decode(data, name, lambda image: np.dstack([_to_rgb(image), _find_void(image)]))


def decode_with_alpha(data, name):
    """Decode the bytes of an image file with its transparency; arguments and errors as of `decode`.

    Returns:
        uint8 array of shape (height, width, 4): the colours that the file itself has, which are not laid on white (but
        white where nothing is seen of them), and 0 transparent to 255 opaque. An alpha of 0 everywhere means none.
    """
    return _decode(data, name, _to_rgba)


def decode_ids(data, name):
    """Decode a picture whose values are no colours but ids: every id is kept as it is, and turned as a photo is.

    Args:
        data: content of a greyscale PNG of 1 to 16 bits or a BMP, or of one with a palette, whose indices are the ids.
        name: as of `decode`.

    Returns:
        int32 array (height, width, 1).

    Raises:
        errors.InputError: if it is damaged, of another format, an animation, or has colours instead of ids.
    """

    def convert(image):
        if image.mode not in _IDS:
            raise errors.InputError(
                f"{name}: has colours or transparency ({image.mode}); expected ids, as a greyscale PNG or one with a "
                "palette keeps them"
            )
        values = np.asarray(image).astype(np.int32)[..., None]
        # Pillow scales the greys of 2 and 4 bits so that white is 255; a PNG's header says their number in byte 24.
        return values // (255 // (2 ** data[24] - 1)) if image.mode == "L" and data.startswith(_PNG) else values

    if any(kind == b"fdAT" for kind, *_ in _list_chunks(data)):  # a picture beside the first
        raise errors.InputError(f"{name}: is an animation; expected a PNG of one picture")
    return _decode(data, name, convert, FORMATS_OF_IDS)


def may_be_grey_ids(path):
    """Say by its header whether a file may hold ids that show as greys: a PNG or BMP of one channel, no palette."""
    return _ask_header(path, lambda image: image.format in FORMATS_OF_IDS and image.mode in _IDS and image.mode != "P")


def has_palette(path):
    """Say by its header whether a file that may hold ids has a palette, whose colours are its own affair."""
    return _ask_header(path, lambda image: image.format in FORMATS_OF_IDS and image.mode == "P")


def can_be_transparent(path):
    """Say by its header whether a file may have transparent pixels; one that cannot be read has none.

    Args:
        path: path of the file.
    """
    return _ask_header(path, _has_transparency)


def _ask_header(path, answer):
    """Return what a function (Pillow image) -> bool answers of a file's header, False where it cannot be read."""
    path = pathlib.Path(path)
    try:
        if not path.is_file():  # a pipe would never answer
            return False
        with open(path, "rb") as file:
            start = file.read(len(_PNG))
        if start.startswith(b"\xff\xd8"):  # a JPEG: most files are, and Pillow takes longer to say so
            return False
        try:
            with Image.open(path, formats=FORMATS) as image:
                return answer(image)
        except Exception:  # of metadata alone, perhaps
            with Image.open(io.BytesIO(_without_metadata(path.read_bytes())[0]), formats=FORMATS) as image:
                return answer(image)
    except Exception:  # decoders report damage by errors of many types; whoever decodes the file will name it
        return False


def is_grey(path, side, least):
    """Say whether a photograph shows no colour, stored as greyscale or not; what cannot be read does not.

    Args:
        path: path of the file.
        side: pixels of the small copy that is looked at, at least: a JPEG is not decoded larger than it needs.
        least: largest difference of two channels, of 255, that is no colour.
    """
    if not pathlib.Path(path).is_file():  # a pipe would never answer
        return False
    try:
        with Image.open(path, formats=FORMATS) as image:
            if image.mode in ("1", "L", "LA", "La", *_DEEP):
                return True
            image.draft("RGB", (side, side))
            small = Image.fromarray(_to_rgb(image)).resize((side // 4, side // 4), Image.Resampling.BOX)
            small = np.asarray(small, np.int32)
    except Exception:  # decoders report damage by errors of many types; whoever decodes the file will name it
        return False
    return bool(np.ptp(small, axis=2).max() < least)


def _decode(data, name, convert, formats=FORMATS):
    """Decode a file's bytes to a Pillow image as a viewer shows it, and return what `convert` makes of it.

    The values of ids, which are those of `FORMATS_OF_IDS`, are no colours and stay as they are.
    """
    if not data:
        raise errors.InputError(f"{name}: is empty (0 bytes); replace or remove it")
    try:
        pixels, profile, exif = _without_metadata(data)
        with Image.open(io.BytesIO(pixels), formats=formats) as image:
            _refuse_large(image.size, name)
            image.load()
            _refuse_cut(image, pixels)
            turn = _TURNS.get(_read_orientation(image, exif))
            if formats == FORMATS:
                image = _to_srgb(image, profile or image.info.get("icc_profile"), name)
            return convert(image if turn is None else image.transpose(turn))
    except Image.DecompressionBombError:
        raise errors.InputError(
            f"{name}: has far more than {MAX_PIXELS // 10**6} megapixels; shrink or remove it"
        ) from None
    except Image.UnidentifiedImageError:
        expected = "JPEG, PNG, WebP or BMP image" if formats == FORMATS else "PNG or BMP of ids"
        raise errors.InputError(f"{name}: is not a {expected}; convert, replace or remove it") from None
    except (errors.InputError, MemoryError):
        raise
    except Exception as error:  # decoders report damage by errors of many types, from SyntaxError to struct.error
        reason = " ".join(str(error).split()) or type(error).__name__
        raise errors.InputError(f"{name}: is damaged and cannot be decoded ({reason}); replace or remove it") from error


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
    for kind, start, place in _list_chunks(data):
        if kind in _PNG_CHUNKS:
            kept.append(data[start:place])
        elif kind == b"iCCP":
            profile = _read_profile(data[start + 8 : place - 4])
        elif kind == b"eXIf":
            exif = data[start + 8 : place - 4]
    return b"".join([*kept, data[place:]]), profile, exif  # what is cut short is the decoder's to name


def _list_chunks(data):
    """Yield of every chunk of a PNG its kind, where it starts, and where the next one does; of others nothing."""
    place = len(_PNG) if data.startswith(_PNG) else len(data)
    while place + 12 <= len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        start, place = place, place + 12 + length
        yield kind, start, place


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
    if image.mode in _DEEP:
        # Pillow's own conversion clips at 255; a 16-bit file's white is 65535 = 255 * 257.
        values = np.asarray(image, np.float64)
        grey = np.round(np.clip(values, 0, 65535) / 257).astype(np.uint8)
        if isinstance(image.info.get("transparency"), int):
            grey[values == image.info["transparency"]] = 255
        return np.repeat(grey[:, :, np.newaxis], 3, axis=2)
    if _has_transparency(image):
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema() != (0, 0):
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.array(image.convert("RGB"))


def _to_rgba(image):
    """Convert a Pillow image of any mode to a uint8 array of shape (height, width, 4)."""
    alpha = _find_alpha(image)
    if alpha.min() == 255 or not alpha.any():
        return np.dstack([_to_rgb(image), np.full_like(alpha, 255)])
    colours = _to_rgb(image) if image.mode in _DEEP else np.array(image.convert("RGBA"))[..., :3]
    return np.dstack([np.where(alpha[..., None] == 0, np.uint8(255), colours), alpha])


def _has_transparency(image):
    """Say whether pixels of a Pillow image may be transparent, by its mode and header."""
    return "A" in image.mode or "a" in image.mode or "transparency" in image.info


def _find_void(image):
    """Find the pixels of a Pillow image that are transparent rather than opaque, bool (height, width)."""
    alpha = _find_alpha(image)
    return (alpha < _OPAQUE) & alpha.any()


def _find_alpha(image):
    """Return how opaque the pixels of a Pillow image are, uint8 (height, width)."""
    key = image.info.get("transparency")
    if not _has_transparency(image) or image.mode in _DEEP and not isinstance(key, int):
        return np.full(image.size[::-1], 255, np.uint8)
    if image.mode in _DEEP:
        return np.where(np.asarray(image) == key, 0, 255).astype(np.uint8)
    return np.array(image.convert("RGBA").getchannel("A"))
