"""A user's archives: unpacked once, as safely as the public ones."""

import io
import os
import stat
import tarfile
import threading
import zipfile

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies
from PIL import Image

from pix2pix_tf import datasets, errors
from pix2pix_tf.datasets import archives


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


def places(unpacked):
    """Return what was unpacked, without the locks of it."""
    return [path for path in unpacked.iterdir() if not path.name.endswith(".lock")]


def refused(path, **options):
    with pytest.raises(errors.InputError) as raised:
        load(path, **options)
    unpacked = path.parent / "data" / "unpacked"
    assert not unpacked.exists() or not places(unpacked)
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
    (place,) = places(tmp_path / "data" / "unpacked")
    (place / "trainA" / "0.png").write_bytes(png(99))
    assert load(path).digest != load(pack(path, {**DOMAINS, "trainA/7.png": png(7)})).digest
    assert len(places(tmp_path / "data" / "unpacked")) == 2


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


def test_names_of_windows_are_paths(tmp_path):
    """Some programs write a\\b for a/b into a zip."""
    path = tmp_path / "horses.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {
            "top\\": b"",
            **{f"top\\{name}".replace("/", "\\"): data for name, data in DOMAINS.items()},
        }.items():
            member = zipfile.ZipInfo("x")
            member.filename = name
            archive.writestr(member, data)
    made = load(path)
    assert made.side_names == (["0", "1", "2"],) * 2 and made.passed_over == ()


@pytest.mark.parametrize("suffix", ["zip", "tar.gz"])
def test_a_picture_beside_the_set_is_passed_over_and_named(tmp_path, suffix):
    members = {f"horses/{name}": data for name, data in DOMAINS.items()}
    made = load(pack(tmp_path / f"horses.{suffix}", {"cover.png": png(50), **members, "horses/readme.png": png(51)}))
    assert made.side_names == (["0", "1", "2"],) * 2
    assert sorted(made.passed_over) == ["cover.png", "readme.png"]


def test_two_that_unpack_one_archive_have_it_both(tmp_path):
    many = {f"{part}/{number}.png": data for part in ("trainA", "trainB") for number in range(200) for data in [png(1)]}
    path = pack(tmp_path / "set.zip", many)
    counts, start = [], threading.Barrier(4)

    def unpack():
        start.wait()
        counts.append(len(list(archives.unpack(path, tmp_path / "data").glob("*/*.png"))))

    threads = [threading.Thread(target=unpack) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [400] * 4
    assert len(places(tmp_path / "data" / "unpacked")) == 1


def test_names_of_members_that_are_no_text(tmp_path):
    path = tmp_path / "set.tar.gz"
    with tarfile.open(path, "w:gz", format=tarfile.GNU_FORMAT, encoding="latin-1") as archive:
        for name, data in {f"train/caf\xe9{number}.png": png(number, 32) for number in range(3)}.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    assert [os.fsencode(name) for name in load(path, unpaired=False).names] == [
        b"caf\xe9%d" % number for number in range(3)
    ]


def test_a_name_as_long_as_the_file_system_takes(tmp_path):
    path = pack(tmp_path / ("n" * 247 + ".tar.gz"), DOMAINS)
    assert len(load(path)) == 3


MEMBERS = strategies.lists(
    strategies.text(strategies.sampled_from("ab.\\/é ②²-"), min_size=1, max_size=10),
    min_size=1,
    max_size=5,
    unique=True,
)


@hypothesis.settings(
    deadline=None,
    derandomize=True,
    max_examples=40,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
@hypothesis.given(
    names=MEMBERS, suffix=strategies.sampled_from(("zip", "tar.gz")), top=strategies.sampled_from(("", "set/"))
)
def test_archives_of_any_names_are_a_set_or_one_line(tmp_path_factory, names, suffix, top):
    """Whatever the members are called, beside a few that are in order; nothing lands elsewhere."""
    place = tmp_path_factory.mktemp("any")
    good = {f"{top}train/{number}.png": png(number, 32) for number in range(2)}
    path = pack(place / f"x.{suffix}", {**good, **{f"{top}train/{name}.png": png(9, 32) for name in names}})
    try:
        made = load(path, unpaired=False)
    except errors.InputError as error:
        assert str(error).startswith(str(path)) or str(place / "data") in str(error)
    else:
        assert {"0", "1"} <= {*made.names}
    assert sorted(one.name for one in place.iterdir()) in (["data", f"x.{suffix}"], [f"x.{suffix}"])
