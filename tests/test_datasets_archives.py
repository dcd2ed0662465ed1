"""A user's archives: unpacked once, as safely as the public ones."""

import io
import stat
import tarfile
import zipfile

import numpy as np
import pytest
from PIL import Image

from pix2pix_tf import datasets, errors


def png(seed, width=16):
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (16, width, 3), dtype=np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


DOMAINS = {f"{part}/{n}.png": png(10 * side + n) for side, part in enumerate(("trainA", "trainB")) for n in range(3)}


def pack(path, members):
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        return path
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def load(path, unpaired=True, **options):
    options = {"image_size": 16, "jitter": False, "data_dir": path.parent / "data", **options}
    return datasets.load(path, unpaired=unpaired, **options)


def refused(path, **options):
    with pytest.raises(errors.InputError) as raised:
        load(path, **options)
    unpacked = path.parent / "data" / "unpacked"
    assert not unpacked.exists() or not list(unpacked.iterdir())
    return str(raised.value)


@pytest.mark.parametrize("suffix", ["zip", "tar.gz"])
@pytest.mark.parametrize("top", ["", "my horses/"])
def test_an_archive_is_as_good_as_its_folder(tmp_path, suffix, top):
    members = {"__MACOSX/._x.png": b"", f"{top}trainA/.hidden.png": b"", f"{top}notes.txt": b"no matter"}
    members |= {top + name: data for name, data in DOMAINS.items()}
    path = pack(tmp_path / f"horses.{suffix}", members)
    for name, data in DOMAINS.items():
        (tmp_path / "folder" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / name).write_bytes(data)
    made, expected = load(path), load(tmp_path / "folder")
    assert made.name == str(path) and not datasets.is_paired(path, tmp_path / "data")
    assert (made.digest, made.side_names) == (expected.digest, expected.side_names)
    for one, other in zip(made.examples(range(3)), expected.examples(range(3)), strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(errors.InputError, match="holds unpaired images .* and pairs are needed"):
        load(path, unpaired=False)


def test_it_is_unpacked_once_and_another_content_elsewhere(tmp_path):
    path = pack(tmp_path / "horses.zip", DOMAINS)
    load(path)
    (place,) = (tmp_path / "data" / "unpacked").iterdir()
    (place / "trainA" / "0.png").write_bytes(png(99))
    assert load(path).digest != load(pack(path, {**DOMAINS, "trainA/7.png": png(7)})).digest
    assert len(list((tmp_path / "data" / "unpacked").iterdir())) == 2


def test_archives_of_pairs(tmp_path):
    path = pack(tmp_path / "pairs.tar.gz", {f"train/{n}.png": png(n, 32) for n in range(3)})
    assert len(load(path, unpaired=False)) == 3 and datasets.is_paired(path, tmp_path / "data")


@pytest.mark.parametrize("suffix", ["zip", "tar.gz"])
@pytest.mark.parametrize("name", ["../outside.png", "trainA/../../outside.png", "/outside.png", "a\\..\\..\\b.png"])
def test_members_that_lead_outside(tmp_path, suffix, name):
    message = refused(pack(tmp_path / f"horses.{suffix}", {**DOMAINS, name: png(1)}))
    assert "is unsafe" in message and "leads out of its folder" in message
    assert not (tmp_path / "outside.png").exists() and not (tmp_path / "data" / "outside.png").exists()


def test_links(tmp_path):
    path = tmp_path / "horses.zip"
    link = zipfile.ZipInfo("trainA/9.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "is a link or device" in refused(path)
    with tarfile.open(tmp_path / "horses.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("trainA/9.png")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member)
    assert "is a link or device" in refused(tmp_path / "horses.tar.gz")


def test_cut_empty_and_bad_archives(tmp_path):
    for suffix in ("zip", "tar.gz"):
        path = pack(tmp_path / f"horses.{suffix}", DOMAINS)
        path.write_bytes(path.read_bytes()[:-120])
        assert f"is no whole {suffix} archive (" in refused(path)
        assert "holds no images; pack a folder" in refused(pack(path, {"readme.txt": b"text"}))
    with pytest.raises(errors.InputError) as raised:
        load(pack(tmp_path / "bad.zip", {**DOMAINS, "trainA/bad.png": b"fake", "trainB/zero.png": b""}))
    assert "2 problems" in str(raised.value) and "trainB/zero.png: is empty" in str(raised.value)
