"""The public sets of two domains: zip archives on disk and over HTTP, sound and broken."""

import io
import os
import pathlib
import stat
import zipfile

import numpy as np
import pytest
import tensorflow_datasets as tfds
import test_datasets_public
from PIL import Image

from pix2pix_tf import datasets, errors, images
from pix2pix_tf.system import addresses, downloads

SHARED = pathlib.Path(os.environ.get("PIX2PIX_TF_SHARED") or pathlib.Path(__file__).parents[2] / "shared")
REAL = SHARED / "datasets" / "horse2zebra.zip"
COUNTS = {"trainA": 12, "trainB": 5, "testA": 2, "testB": 3}


def jpeg(seed, grey=False):
    buffer = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels[:, :, 0] if grey else pixels).save(buffer, "JPEG")
    return buffer.getvalue()


def contents(name="horse2zebra", counts=COUNTS):
    """The members of a small archive, images out of order and one of them grey."""
    seeds = iter(range(1000))
    members = {
        f"{name}/{part}/{n}.jpg": jpeg(next(seeds), n == 2) for part in counts for n in range(counts[part], 0, -1)
    }
    return {f"{name}/README": b"ignored", f"{name}/trainA/._1.jpg": b"ignored", f"__MACOSX/{name}": b"", **members}


def write(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.fixture
def small(tmp_path):
    return write(tmp_path / "horse2zebra.zip", contents())


def load(tmp_path, split="train", **options):
    options = {"image_size": 16, "jitter": False, "unpaired": True, "data_dir": tmp_path / "data", **options}
    return datasets.load("horse2zebra", split, **options)


def refused(tmp_path, **options):
    with pytest.raises(errors.InputError) as raised:
        load(tmp_path, **options)
    assert not (tmp_path / "data" / "pix2pix_pairs" / "horse2zebra" / "1.0.0").exists()
    return str(raised.value)


def assert_right(made, members=None):
    members = members or contents()
    for side, names in zip("AB", made.side_names, strict=True):
        part = f"{made.split}{side}"
        assert names == [str(number + 1) for number in range(COUNTS[part])]
        shown = [made.pair(index)["AB".index(side)] for index in range(len(names))]
        for name, image in zip(names, shown, strict=True):
            expected = Image.open(io.BytesIO(members[f"horse2zebra/{part}/{name}.jpg"])).convert("RGB")
            np.testing.assert_array_equal(image, images.to_float(np.asarray(expected)))


def test_zip_archive_on_disk_is_prepared_once(tmp_path, small, capfd):
    made = load(tmp_path, archive=small)
    assert (made.name, made.direction, made.paired, made.counterparts) == ("horse2zebra", "a_to_b", False, False)
    assert made.side_counts == {"train": (12, 5), "test": (2, 3)} and made.counts == {"train": 12, "test": 3}
    assert_right(made)
    small.unlink()
    assert_right(load(tmp_path, "test"))
    assert len({made.digest, load(tmp_path, "test").digest}) == 2
    assert capfd.readouterr() == ("", "")
    with pytest.raises(errors.InputError, match="horse2zebra: its archive had no split 'val', only train, test"):
        load(tmp_path, "val")
    assert datasets.prepare("horse2zebra", data_dir=tmp_path / "data").splits == {"train": (12, 5), "test": (2, 3)}


def test_the_same_as_a_tar_file(tmp_path):
    path = test_datasets_public.write(tmp_path / "horse2zebra.tar.gz", contents())
    assert_right(load(tmp_path, archive=path))


def test_download(tmp_path, small, monkeypatch):
    address, digest = addresses.ARCHIVES["horse2zebra"]
    with test_datasets_public.serving(tmp_path) as mirror:
        message = refused(tmp_path, mirror=mirror)
        assert message.startswith(f"{mirror}/horse2zebra.zip: ") and digest in message and "nothing was kept" in message
        monkeypatch.setitem(addresses.ARCHIVES, "horse2zebra", (address, downloads.digest_of(small)))
        assert_right(load(tmp_path, mirror=mirror))
    assert_right(load(tmp_path, "test"))


def test_addresses_and_digests_are_those_of_tensorflow_datasets():
    """A line of its file is an address, a size and a digest."""
    file = next(pathlib.Path(tfds.__file__).parent.rglob("url_checksums/cycle_gan.txt"), None)
    if file is None:
        pytest.skip("this version of TensorFlow Datasets keeps its digests elsewhere")
    registered = [line.split("\t")[:3] for line in file.read_text().splitlines()]
    known = {address.partition("://")[2]: digest for address, _, digest in registered}
    ours = {address.partition("://")[2]: digest for address, digest in addresses.ARCHIVES.values() if digest}
    assert ours and ours.items() <= known.items()


def test_a_cut_connection_and_no_file(tmp_path, small):
    with test_datasets_public.serving(tmp_path, cut=True) as address:
        assert "the connection broke off" in refused(tmp_path, mirror=address)
        small.unlink()
        assert f"{address}/horse2zebra.zip: the server answers 404" in refused(tmp_path, mirror=address)


def test_an_archive_in_the_data_folder_is_found(tmp_path, small):
    (tmp_path / "data").mkdir()
    small.rename(tmp_path / "data" / "horse2zebra.zip")
    assert_right(load(tmp_path))


def test_pairs_are_not_made_of_them(tmp_path):
    message = refused(tmp_path, unpaired=False)
    assert message == "horse2zebra: holds unpaired images, and pairs are needed; CycleGAN learns from those"


@pytest.mark.parametrize(
    "name", ["../outside.jpg", "horse2zebra/../../outside", "/outside", "horse2zebra\\..\\..\\out"]
)
def test_members_that_lead_outside(tmp_path, name):
    path = write(tmp_path / "horse2zebra.zip", {**contents(), name: jpeg(1)})
    message = refused(tmp_path, archive=path)
    assert message.startswith(f"{path}: is unsafe, ") and "leads out of its folder" in message


def test_links_and_encryption(tmp_path):
    path = tmp_path / "horse2zebra.zip"
    link = zipfile.ZipInfo("horse2zebra/trainA/9.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "is a link or device" in refused(tmp_path, archive=path)
    data = bytearray(write(path, {"horse2zebra/trainA/9.jpg": jpeg(1)}).read_bytes())
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(signature) + offset] |= 1
    path.write_bytes(data)
    assert "is encrypted" in refused(tmp_path, archive=path)


def test_broken_archives(tmp_path, small):
    whole = small.read_bytes()
    for data in (whole[:-100], whole[: len(whole) // 2], whole[:4]):
        small.write_bytes(data)
        assert refused(tmp_path, archive=small).startswith(f"{small}: is no whole zip archive (")
    changed = bytearray(whole)
    changed[whole.index(jpeg(0)) + 100] ^= 1
    small.write_bytes(changed)
    assert "is no whole zip archive (Bad CRC-32" in refused(tmp_path, archive=small)
    small.write_bytes(b"no archive")
    assert "is no whole tar.gz archive (" in refused(tmp_path, archive=small)
    assert "cannot be opened" in refused(tmp_path, archive=tmp_path / "nothing.zip")


def test_bad_images_and_missing_domains_are_named_at_once(tmp_path, small):
    members = {name: data for name, data in contents().items() if "/testB/" not in name}
    path = write(small, {**members, "horse2zebra/trainA/50.jpg": b"fake", "horse2zebra/trainB/50.jpg": b""})
    message = refused(tmp_path, archive=path)
    assert "3 problems" in message and "testB: is missing" in message
    assert "trainA/50.jpg: is not a JPEG" in message and "trainB/50.jpg: is empty" in message
    write(small, contents("zebra2horse"))
    assert refused(tmp_path, archive=small) == (
        f"{small}: holds no images horse2zebra/trainA/*; expected the archive horse2zebra.zip"
    )


@pytest.mark.skipif(not REAL.exists(), reason=f"the real horse2zebra archive is not at {REAL}")
def test_real_horses_and_zebras(tmp_path):
    made = load(tmp_path, image_size=64, archive=REAL)
    assert made.side_counts == {"train": (400, 400), "test": (60, 60)}
    shown = np.concatenate([made.batch(step, 40)[1].numpy() for step in range(10)])
    assert shown.shape == (400, 64, 64, 3)
    grey = (abs(shown - shown.mean(axis=-1, keepdims=True)).max(axis=(1, 2, 3)) < 1e-5).sum()
    assert grey >= 4  # every image once, the greyscale ones among them
    with zipfile.ZipFile(REAL) as archive:
        data = archive.read(f"horse2zebra/testA/{load(tmp_path, 'test').side_names[0][7]}.jpg")
    expected = images.to_float(images.resize(images.decode(data, "x"), 64))
    np.testing.assert_array_equal(load(tmp_path, "test", image_size=64).pair(7)[0], expected)


@pytest.mark.parametrize(
    ("domain", "names"),
    [
        ("a", [str(number) for number in range(1, 13) if number != 2]),
        ("b", ["1", "3", "4", "5"]),
        ("both", [f"a-{number}" for number in range(1, 13) if number != 2] + ["b-1", "b-3", "b-4", "b-5"]),
    ],
)
def test_domains_are_photographs_to_learn_colours_from(tmp_path, small, domain, names):
    """The second image of each domain is grey; noise of 16 pixels shrinks to what has colours."""
    place = {"data_dir": tmp_path / "data", "task": "colorization", "domain": domain}
    found = datasets.load("horse2zebra", "train", 16, archive=small, jitter=False, **place)
    assert found.names == names
    assert found.greyscale == (("a-2", "b-2") if domain == "both" else ("2",))
    assert found.counts["train"] == len(names) and found.counts["test"] == {"a": 2, "b": 3, "both": 5}[domain]
    assert found.held_out == "test"
    side = 1 if domain == "b" else 0
    plain = load(tmp_path)
    np.testing.assert_array_equal(found.picture(1), plain.pair(2)[side])
    if domain == "both":
        np.testing.assert_array_equal(found.picture(11), plain.pair(0)[1])


def test_one_domain_is_the_set_s_own_choice(tmp_path, small):
    same = {"archive": small, "data_dir": tmp_path / "data", "task": "colorization"}
    assert datasets.load("horse2zebra", "test", 16, **same).domain == "a"
