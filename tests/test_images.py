"""Image files of every mode, format and damage, against values worked out by hand or by Pillow."""

import io
import os
import struct
import warnings
import zlib

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies
from PIL import Image, ImageCms

from pix2pix_tf import errors, images

SETTINGS = hypothesis.settings(deadline=None, derandomize=True, max_examples=40)
RANDOM = np.random.default_rng(0)
PHOTO = RANDOM.integers(0, 256, (6, 9, 3), dtype=np.uint8)


def encode(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, **{"format": "PNG", **options})
    return buffer.getvalue()


def png(width, height, depth, colour_type, rows):
    """Write a PNG by its specification, for the modes that Pillow reads but does not write."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("format", ["PNG", "BMP", "WEBP"])
def test_lossless_formats_keep_every_pixel(tmp_path, format):
    path = tmp_path / "photo"
    options = {"lossless": True} if format == "WEBP" else {}
    path.write_bytes(encode(Image.fromarray(PHOTO), format=format, **options))
    np.testing.assert_array_equal(images.read(path), PHOTO)


def test_jpeg_equals_pillow():
    data = encode(Image.fromarray(PHOTO), format="JPEG")
    np.testing.assert_array_equal(images.decode(data, "x"), np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))


def test_greyscale_and_bilevel_are_repeated():
    grey = PHOTO[:, :, 0]
    np.testing.assert_array_equal(images.decode(encode(Image.fromarray(grey)), "x"), np.stack([grey] * 3, axis=2))
    bits = grey > 127
    expected = np.stack([bits * np.uint8(255)] * 3, axis=2)
    np.testing.assert_array_equal(images.decode(encode(Image.fromarray(bits)), "x"), expected)


def test_palette_is_looked_up():
    indices = RANDOM.integers(0, 5, (4, 4), dtype=np.uint8)
    palette = RANDOM.integers(0, 256, (5, 3), dtype=np.uint8)
    image = Image.frombytes("P", (4, 4), indices.tobytes())
    image.putpalette(palette.tobytes())
    np.testing.assert_array_equal(images.decode(encode(image), "x"), palette[indices])


def test_transparency_is_laid_on_white():
    pixels = np.zeros((1, 3, 4), np.uint8)
    pixels[0, :, 3] = [0, 255, 51]  # invisible, opaque and one fifth of black
    np.testing.assert_array_equal(images.decode(encode(Image.fromarray(pixels)), "x")[0, :, 0], [255, 0, 204])
    palette = Image.frombytes("P", (2, 1), b"\0\1")
    palette.putpalette([10, 20, 30, 40, 50, 60])
    expected = [[[255, 255, 255], [40, 50, 60]]]
    np.testing.assert_array_equal(images.decode(encode(palette, transparency=0), "x"), expected)
    grey = Image.fromarray(np.array([[[7, 255], [7, 0]]], np.uint8))
    assert grey.mode == "LA"
    np.testing.assert_array_equal(images.decode(encode(grey), "x")[0, :, 0], [7, 255])


def test_sixteen_bit_grey_is_scaled_and_not_clipped():
    values = np.array([[0, 257, 12850, 65535]], np.uint16)
    data = png(4, 1, 16, 0, [values.astype(">u2").tobytes()])
    np.testing.assert_array_equal(images.decode(data, "x")[0], [[v, v, v] for v in (0, 1, 50, 255)])


def test_sixteen_bit_colour_is_scaled():
    values = np.array([[[0, 25700, 65535], [65535, 0, 257]]], np.uint16)
    data = png(2, 1, 16, 2, [values.astype(">u2").tobytes()])
    np.testing.assert_array_equal(images.decode(data, "x"), [[[0, 100, 255], [255, 0, 1]]])


def test_cmyk_photograph():
    flat = np.full((16, 16, 4), (0, 255, 255, 0), np.uint8)  # no cyan: red
    pixels = images.decode(encode(Image.fromarray(flat, mode="CMYK"), format="JPEG", quality=100), "x").astype(int)
    assert np.abs(pixels - (255, 0, 0)).max() <= 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation_is_applied(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    quarter_turns = {1: 0, 3: 2, 6: 3, 8: 1}
    mirrored = {
        2: (PHOTO[:, ::-1]),
        4: PHOTO[::-1],
        5: PHOTO.transpose(1, 0, 2),
        7: PHOTO[::-1, ::-1].transpose(1, 0, 2),
    }
    expected = mirrored[orientation] if orientation in mirrored else np.rot90(PHOTO, quarter_turns[orientation])
    np.testing.assert_array_equal(images.decode(encode(Image.fromarray(PHOTO), exif=exif), "x"), expected)


def damaged():
    whole = encode(Image.fromarray(RANDOM.integers(0, 256, (64, 64, 3), dtype=np.uint8)))
    jpeg = encode(Image.fromarray(RANDOM.integers(0, 256, (64, 64, 3), dtype=np.uint8)), format="JPEG")
    webp = encode(Image.fromarray(RANDOM.integers(0, 256, (64, 64, 3), dtype=np.uint8)), format="WEBP")
    bitmap = encode(Image.fromarray(RANDOM.integers(0, 256, (64, 64, 3), dtype=np.uint8)), format="BMP")
    yield b"", "is empty"
    yield b"this is no image at all, whatever its name says", "is not a JPEG, PNG, WebP or BMP image"
    yield encode(Image.fromarray(PHOTO), format="GIF"), "is not a JPEG, PNG, WebP or BMP image"
    for data in (whole, jpeg, bitmap):
        yield data[: len(data) // 2], "is damaged"
    yield webp[: len(webp) // 2], "is "
    yield whole[:200] + bytes(200) + whole[400:], "is damaged"


@pytest.mark.parametrize(("data", "message"), list(damaged()))
def test_damage_is_one_line_with_the_name(tmp_path, data, message):
    path = tmp_path / "bad.png"
    path.write_bytes(data)
    with pytest.raises(errors.InputError) as raised:
        images.read(path)
    assert str(path) in str(raised.value)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(30000, 30000), (12000, 9000), (100_000_001, 1)])
def test_huge_images_are_refused_by_their_header(size):
    data = png(*size, 8, 2, [])  # nothing to decode: only the header says how large it is
    with pytest.raises(errors.InputError, match="megapixels.*shrink") as raised:
        images.decode(data, "huge.png")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("missing", ["nothing.png", "."])
def test_files_that_cannot_be_opened(tmp_path, missing):
    with pytest.raises(errors.InputError, match="cannot be opened"):
        images.read(tmp_path / missing)


def test_write_and_read(tmp_path):
    images.write(tmp_path / "photo.png", PHOTO)
    np.testing.assert_array_equal(images.read(tmp_path / "photo.png"), PHOTO)
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]


def test_write_into_a_missing_folder(tmp_path):
    with pytest.raises(errors.RunError, match="cannot be written"):
        images.write(tmp_path / "nowhere" / "photo.png", PHOTO)


@SETTINGS
@hypothesis.given(strategies.integers(1, 40), strategies.integers(1, 40), strategies.integers(1, 60), strategies.data())
def test_label_maps_keep_their_colours(height, width, size, data):
    colours = RANDOM.integers(0, 256, (4, 3), dtype=np.uint8)
    seed = data.draw(strategies.integers(0, 1000))
    labels = colours[np.random.default_rng(seed).integers(0, 4, (height, width))]
    rows = np.minimum(((np.arange(size) + 0.5) * height / size).astype(int), height - 1)
    columns = np.minimum(((np.arange(size) + 0.5) * width / size).astype(int), width - 1)
    resized = images.resize(labels, size, labels=True)
    allowed = {tuple(colour) for colour in labels.reshape(-1, 3)}
    assert {tuple(colour) for colour in resized.reshape(-1, 3)} <= allowed
    if (size % height, size % width) == (0, 0):  # elsewhere centres may fall between two pixels
        np.testing.assert_array_equal(resized, labels[rows][:, columns])


def test_photographs_shrink_with_antialias():
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    shrunk = images.resize(stripes, 16)
    assert np.abs(shrunk.astype(int) - 127.5).max() < 20  # without antialias: all black or all white
    assert images.resize(PHOTO, (6, 9)) is PHOTO
    assert images.resize(PHOTO, (3, 5)).shape == (3, 5, 3)


def test_ranges():
    values = np.arange(256, dtype=np.uint8)
    floats = images.to_float(values)
    assert floats.dtype == np.float32
    assert (floats[0], floats[255]) == (-1, 1)
    np.testing.assert_allclose(floats, values / 127.5 - 1, atol=1e-7)
    np.testing.assert_array_equal(images.to_uint8(floats), values)
    np.testing.assert_array_equal(images.to_uint8([-7, 7, 0.001]), [0, 255, 128])


def test_halves():
    left, right = images.halves(PHOTO[:, :8], "x")
    np.testing.assert_array_equal(np.concatenate([left, right], axis=1), PHOTO[:, :8])
    with pytest.raises(errors.InputError, match="x: has an odd width of 9"):
        images.halves(PHOTO, "x")


def chunk(kind, content, spoil=0):
    """Return a chunk of a PNG; `spoil` changes its checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content) ^ spoil)


def with_chunk(kind, content, spoil=0):
    """Return a PNG of the photo with one more chunk after its header."""
    data = encode(Image.fromarray(PHOTO))
    return data[:33] + chunk(kind, content, spoil) + data[33:]


def with_exif(payload):
    """Return a JPEG of the photo with an EXIF segment."""
    data = encode(Image.fromarray(PHOTO), format="JPEG")
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload + data[2:]


ODD_GPS = (
    b"Exif\0\0II*\0\x08\0\0\0\x02\0" + struct.pack("<HHII", 0x112, 3, 1, 6) + struct.pack("<HHII", 0x8825, 4, 1, 38)
)
ODD_GPS += bytes(4) + struct.pack("<HHHI", 1, 2, 2, 4) + b"abc\0" + bytes(4)  # turned, and a latitude that is text
LONG = zlib.compress(b"a" * 3_000_000)


@pytest.mark.parametrize(
    "data",
    [
        with_chunk(b"zTXt", b"Comment\0\0" + LONG),
        with_chunk(b"iCCP", b"profile\0\0" + LONG),
        with_chunk(b"iCCP", b"profile\0\0" + zlib.compress(bytes(2**25))),
        with_chunk(b"iCCP", b"profile\0\0no zlib"),
        with_chunk(b"tEXt", b"Comment\0hello", spoil=1),
        with_chunk(b"eXIf", b"\0\x08\0\x02\x01\x12\0\x03"),
        with_chunk(b"gAMA", b""),
    ],
    ids=["long text", "long profile", "endless profile", "broken profile", "checksum of a text", "exif", "empty gamma"],
)
def test_odd_metadata_of_a_png_do_not_matter(data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", errors.NoteWarning)
        np.testing.assert_array_equal(images.decode(data, "x"), PHOTO)


@pytest.mark.parametrize(
    "payload", [b"Exif\0\0", b"Exif\0\0Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0", b"Exif\0\0" + bytes(range(7, 40))]
)
def test_odd_exif_of_a_jpeg_does_not_matter(payload):
    plain = images.decode(encode(Image.fromarray(PHOTO), format="JPEG"), "x")
    np.testing.assert_array_equal(images.decode(with_exif(payload), "x"), plain)


def test_a_turn_is_read_whatever_else_the_exif_holds():
    plain = images.decode(encode(Image.fromarray(PHOTO), format="JPEG"), "x")
    np.testing.assert_array_equal(images.decode(with_exif(ODD_GPS), "x"), np.rot90(plain, -1))


def test_a_turn_in_a_png_is_applied():
    exif = Image.Exif()
    exif[0x112] = 6
    data = encode(Image.fromarray(PHOTO), exif=exif)
    np.testing.assert_array_equal(images.decode(data, "x"), np.rot90(PHOTO, -1))


def test_a_wrong_checksum_of_pixels_is_damage():
    data = encode(Image.fromarray(PHOTO))
    place = data.index(b"IDAT") + 8
    with pytest.raises(errors.InputError, match="damaged"):
        images.decode(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :], "x")


@SETTINGS
@hypothesis.given(place=strategies.integers(8, 2000), bits=strategies.integers(1, 255))
def test_a_changed_byte_is_the_same_picture_or_an_error(place, bits):
    """Whatever byte of a PNG changes: its checksums tell where it matters."""
    data = bytearray(with_chunk(b"tEXt", b"Comment\0hello"))
    data[place % len(data)] ^= bits
    try:
        found = images.decode(bytes(data), "x")
    except errors.InputError as error:
        assert str(error).count("\n") == 0
    else:
        np.testing.assert_array_equal(found, PHOTO)


@pytest.mark.parametrize("format", ["PNG", "BMP"])
def test_an_alpha_of_nothing_is_none(format):
    """Programs write 32 bits and leave the last eight empty; every viewer shows such a BMP."""
    rgba = np.dstack([PHOTO, np.zeros(PHOTO.shape[:2], np.uint8)])
    if format == "PNG":
        data = encode(Image.fromarray(rgba))
    else:
        pixels = np.ascontiguousarray(rgba[..., [2, 1, 0, 3]])
        header = struct.pack("<IiiHHIIiiII", 124, 9, -6, 1, 32, 3, pixels.size, 0, 0, 0, 0)
        header += struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000) + b"BGRs"
        data = b"BM" + struct.pack("<IHHI", 138 + pixels.size, 0, 0, 138) + header.ljust(124, b"\0") + pixels.tobytes()
    np.testing.assert_array_equal(images.decode(data, "x"), PHOTO)


OPAQUE = np.resize(np.array([0, 1, 127, 254, 255], np.uint8), PHOTO.shape[:2])


@pytest.mark.parametrize("format", ["PNG", "WebP"])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_half_transparent_pixels_have_the_colours_of_the_file(mode, format, tmp_path):
    """Only where nothing is seen of them are they white; `read` lays all on white."""
    stored = PHOTO if mode == "RGBA" else np.repeat(PHOTO[..., :1], 3, axis=2)
    layers = [stored if mode == "RGBA" else stored[..., :1], OPAQUE[..., None]]
    Image.fromarray(np.concatenate(layers, axis=2), mode).save(tmp_path / "one", format, lossless=True, exact=True)
    colours, alpha = images.read_with_alpha(tmp_path / "one")
    np.testing.assert_array_equal(alpha, OPAQUE)
    np.testing.assert_array_equal(colours, np.where(OPAQUE[..., None] == 0, 255, stored))
    laid = 255 - (255 - stored.astype(int)) * OPAQUE[..., None] / 255
    np.testing.assert_allclose(images.read(tmp_path / "one"), laid, atol=1)


@pytest.mark.parametrize("opaque", [None, 0, 255])
def test_a_photograph_without_transparency_has_no_alpha(opaque, tmp_path):
    layers = PHOTO if opaque is None else np.dstack([PHOTO, np.full(PHOTO.shape[:2], opaque, np.uint8)])
    Image.fromarray(layers).save(tmp_path / "one.png")
    colours, alpha = images.read_with_alpha(tmp_path / "one.png")
    assert alpha is None
    np.testing.assert_array_equal(colours, PHOTO)


def test_a_transparent_value_of_sixteen_bit_grey_is_white(tmp_path):
    rows = zlib.compress(b"".join(b"\0" + struct.pack(">HH", 0, 25700) for _ in range(2)))
    header = struct.pack(">IIBBBBB", 2, 2, 16, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"tRNS", b"\0\0") + chunk(b"IDAT", rows)
    found = images.decode(data + chunk(b"IEND", b""), "x")
    np.testing.assert_array_equal(found[0], [[255] * 3, [100] * 3])
    (tmp_path / "one.png").write_bytes(data + chunk(b"IEND", b""))
    colours, alpha = images.read_with_alpha(tmp_path / "one.png")
    np.testing.assert_array_equal(colours, found)
    np.testing.assert_array_equal(alpha[0], [0, 255])


@pytest.mark.parametrize("options", [{}, {"subsampling": 0}, {"progressive": True}, {"restart_marker_blocks": 2}])
@pytest.mark.parametrize("colours", ["RGB", "L"])
def test_a_jpeg_cut_in_its_data_is_damaged(options, colours):
    """Decoders fill up with grey and say nothing, if only the end mark is there."""
    picture = Image.fromarray(
        np.kron(RANDOM.integers(0, 256, (8, 8, 3), dtype=np.uint8), np.ones((16, 16, 1), np.uint8))
    )
    data = encode(picture.convert(colours), format="JPEG", quality=95, **options)
    images.decode(data, "whole")
    images.decode(data + b"\0trailing", "with more behind")
    scan = data.index(b"\xff\xda")
    for part in (0.2, 0.5, 0.9):
        cut = data[: int(scan + part * (len(data) - scan))].rstrip(b"\xff") + b"\xff\xd9"
        with pytest.raises(errors.InputError, match="cut: is damaged"):
            images.decode(cut, "cut")


@pytest.mark.parametrize("value", [127, 128, 129])
def test_a_grey_jpeg_is_whole(value):
    data = encode(Image.new("RGB", (40, 24), (value,) * 3), format="JPEG")
    assert np.abs(images.decode(data, "x").astype(int) - value).max() <= 1


def icc_profile(red, green, blue, gamma):
    """Return a colour profile of three primaries (XYZ, adapted to D50) and a gamma."""

    def fixed(*numbers):
        return b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)

    curve = b"para\0\0\0\0\0\0\0\0" + fixed(gamma)
    tags = {b"desc": b"desc\0\0\0\0" + struct.pack(">I", 2) + b"X\0" + bytes(79), b"cprt": b"text\0\0\0\0x\0"}
    tags |= {b"wtpt": b"XYZ \0\0\0\0" + fixed(0.9642, 1, 0.8249)}
    for letter, xyz in zip(b"rgb", (red, green, blue), strict=True):
        tags[bytes([letter]) + b"TRC"] = curve
        tags[bytes([letter]) + b"XYZ"] = b"XYZ \0\0\0\0" + fixed(*xyz)
    place, table, body = 132 + 12 * len(tags), b"", b""
    for name, value in tags.items():
        table += name + struct.pack(">II", place + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    head = (
        struct.pack(">I", place + len(body)) + bytes(4) + b"\x02\x10\0\0mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    )
    head += fixed(0.9642, 1, 0.8249)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


ADOBE = icc_profile((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457), 563 / 256)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_colours_are_converted_by_their_profile(format):
    """Against the definition: linear light by gamma, the primaries' matrix, Bradford's D50 to sRGB, sRGB's curve."""
    rgb = (
        np.array([[(200, 60, 60), (90, 160, 90), (128, 128, 128), (60, 80, 190)]], np.uint8).repeat(16, 0).repeat(16, 1)
    )
    options = {"lossless": True} if format == "WEBP" else {"quality": 100, "subsampling": 0} if format == "JPEG" else {}
    data = encode(Image.fromarray(rgb), format=format, icc_profile=ADOBE, **options)
    primaries = np.array([(0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)]).T
    to_srgb = np.array(
        [[3.1338561, -1.6168667, -0.4906146], [-0.9787684, 1.9161415, 0.0334540], [0.0719453, -0.2289914, 1.4052427]]
    )
    linear = ((rgb / 255.0) ** (563 / 256) @ primaries.T @ to_srgb.T).clip(0, 1)
    expected = 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    found = images.decode(data, "x").astype(float)
    assert np.abs(found - expected).max() <= (4 if format == "JPEG" else 2)
    assert np.abs(found - rgb).max() > 15, "the numbers alone are other colours"


def test_the_profile_of_srgb_changes_nothing():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    np.testing.assert_array_equal(images.decode(encode(Image.fromarray(PHOTO), icc_profile=profile), "x"), PHOTO)


def test_a_profile_that_cannot_be_used_is_said():
    with pytest.warns(errors.NoteWarning, match="photo.jpg: its colour profile cannot be used .*taken for sRGB"):
        images.decode(encode(Image.fromarray(PHOTO), icc_profile=b"no profile"), "photo.jpg")


def test_own_pictures_are_known(tmp_path):
    for suffix in (".png", ".jpg"):
        images.write(tmp_path / f"own{suffix}", PHOTO)
        Image.fromarray(PHOTO).save(tmp_path / f"other{suffix}")
        assert images.is_own(tmp_path / f"own{suffix}") and not images.is_own(tmp_path / f"other{suffix}")
    (tmp_path / "text.png").write_text("no picture")
    assert not images.is_own(tmp_path / "text.png") and not images.is_own(tmp_path)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "PPM", "AVIF"])
def test_pictures_are_known_by_their_content(tmp_path, format):
    (tmp_path / "download").write_bytes(encode(Image.fromarray(PHOTO), format=format))
    assert images.is_picture(tmp_path / "download")


@pytest.mark.parametrize(
    "content", [b"", b"Notes on the set\n", b"P", b"Pictures of houses", bytes(20), b"PK\3\4" + bytes(20)]
)
def test_other_files_are_no_pictures(tmp_path, content):
    (tmp_path / "notes").write_bytes(content)
    assert not images.is_picture(tmp_path / "notes")


@pytest.mark.parametrize(
    "values, said",
    [
        (np.full((1, 2, 2, 3), 200, np.uint8), "of type uint8"),
        (np.full((1, 2, 2, 3), 200.0), "values from 200 to 200"),
        (np.array([0.0, np.nan]), "not finite"),
        (np.array([-np.inf, 0.5]), "values from -inf"),
        (np.array([-1.5, 0.5]), "values from -1.5 to 0.5"),
    ],
)
def test_values_beyond_the_range_are_refused(values, said):
    with pytest.raises(errors.InputError, match=f"the source: {said}"):
        images.check_values(values, "the source")
    images.check_values(np.array([-1.0, 1.0]))
    images.check_values(np.zeros(0, np.float32))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_pipes_and_devices_are_no_images(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe.png", "/dev/zero"):
        with pytest.raises(errors.InputError, match="is a device or a pipe; expected an image file"):
            images.read(path)
    assert not images.is_picture(tmp_path / "pipe")
