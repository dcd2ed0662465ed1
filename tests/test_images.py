"""Image files of every mode, format and damage, against values worked out by hand or by Pillow."""

import io
import struct
import zlib

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies
from PIL import Image

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
