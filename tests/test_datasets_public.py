"""The public sets: archives on disk and over HTTP, sound and broken, and the TFDS builder behind them."""

import contextlib
import functools
import hashlib
import http.server
import io
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
from unittest import mock

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image

from pix2pix_tf import datasets, errors, images
from pix2pix_tf.datasets import archives, builder, catalogue
from pix2pix_tf.system import addresses, downloads

SHARED = pathlib.Path(os.environ.get("PIX2PIX_TF_SHARED") or pathlib.Path(__file__).parents[2] / "shared")
REAL = SHARED / "datasets" / "facades.tar.gz"
needs_real = pytest.mark.skipif(not REAL.exists(), reason=f"the real facades archive is not at {REAL}")
COUNTS = {"train": 11, "val": 2}


def jpeg(seed, width=32):
    buffer = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (16, width, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(buffer, "JPEG")
    return buffer.getvalue()


def contents(name="maps", counts=COUNTS):
    """The members of a small archive: folders, images out of order, and things to be ignored."""
    seeds = iter(range(1000))
    members = {f"{name}/{split}/{n}.jpg": jpeg(next(seeds)) for split in counts for n in range(counts[split], 0, -1)}
    return {f"{name}/README": b"ignored", f"{name}/train/._1.jpg": b"ignored", f"{name}/extra/1.jpg": b"", **members}


def write(path, members, *more):
    """Write a tar.gz archive of files, and of TarInfo objects without content."""
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for member in more:
            archive.addfile(member)
    return path


@pytest.fixture
def small(tmp_path):
    return write(tmp_path / "maps.tar.gz", contents())


@contextlib.contextmanager
def serving(folder, cut=False):
    """Serve a folder on loopback; with `cut`, break every body off half-way."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

        def copyfile(self, source, outputfile):
            data = source.read()
            outputfile.write(data[: len(data) // 2] if cut else data)

    handler = functools.partial(Handler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def refused(tmp_path, name="maps", **options):
    with pytest.raises(errors.InputError) as raised:
        datasets.load(name, image_size=16, data_dir=tmp_path / "data", **options)
    assert not (tmp_path / "data" / "pix2pix_pairs" / name / "1.0.0").exists()
    assert "\n" not in str(raised.value)
    return str(raised.value)


def assert_right(made, name="maps", members=None):
    """Compare every pair with the archive's own image, cut in two by hand."""
    members = members or contents(name)
    assert made.names == [str(number + 1) for number in range(len(made))]
    for index, stem in enumerate(made.names):
        whole = np.asarray(Image.open(io.BytesIO(members[f"{name}/{made.split}/{stem}.jpg"])))
        source, target = made.pair(index)
        np.testing.assert_array_equal(source, images.to_float(whole[:, :16]))
        np.testing.assert_array_equal(target, images.to_float(whole[:, 16:]))


def test_archive_on_disk(tmp_path, small, capfd):
    made = datasets.load("maps", image_size=16, jitter=False, archive=small, data_dir=tmp_path / "data")
    assert (made.name, made.split, made.direction, made.counts) == ("maps", "train", "a_to_b", COUNTS)
    assert_right(made)
    members = contents()
    hashes = [hashlib.sha256(members[f"maps/train/{n}.jpg"]).hexdigest() for n in range(1, 12)]
    lines = "".join(f"{digest}  maps/train/{n}.jpg\n" for n, digest in enumerate(hashes, start=1))
    assert made.digest == hashlib.sha256(lines.encode()).hexdigest()
    small.unlink()
    again = datasets.load("maps", split="val", image_size=16, data_dir=tmp_path / "data")
    assert_right(again)
    assert capfd.readouterr() == ("", "")
    with pytest.raises(errors.InputError, match="maps: its archive had no split 'test', only train, val"):
        datasets.load("maps", split="test", data_dir=tmp_path / "data")


def test_another_archive_is_prepared_anew(tmp_path, small):
    assert datasets.prepare("maps", archive=small, data_dir=tmp_path).splits == COUNTS
    other = write(tmp_path / "other.tar.gz", contents(counts={"train": 3}))
    record = datasets.prepare("maps", archive=other, data_dir=tmp_path)
    assert (record.splits, record.prepared) == ({"train": 3}, True)
    assert len(datasets.load("maps", image_size=16, data_dir=tmp_path)) == 3
    with pytest.raises(errors.InputError, match="nothing.tar.gz: cannot be opened"):
        datasets.prepare("maps", archive=tmp_path / "nothing.tar.gz", data_dir=tmp_path)
    assert len(datasets.load("maps", image_size=16, archive=other, data_dir=tmp_path)) == 3


def test_an_archive_in_the_data_folder_is_found(tmp_path, small, monkeypatch):
    monkeypatch.setenv("PIX2PIX_TF_DATA", str(tmp_path))
    assert not {entry.name: entry.prepared for entry in datasets.list_entries()}["maps"]
    assert_right(datasets.load("maps", image_size=16, jitter=False))
    assert {entry.name: entry.prepared for entry in datasets.list_entries()}["maps"]


def test_download(tmp_path, small, monkeypatch, capfd):
    with serving(tmp_path) as address:
        monkeypatch.setenv("PIX2PIX_TF_MIRROR", address + "/")
        made = datasets.load("maps", image_size=16, jitter=False, data_dir=tmp_path / "data")
    assert_right(made)
    assert_right(datasets.load("maps", image_size=16, jitter=False, data_dir=tmp_path / "data"))
    assert capfd.readouterr() == ("", "")


def test_http_404(tmp_path):
    with serving(tmp_path) as address:
        message = refused(tmp_path, mirror=address)
    assert message.startswith(f"{address}/maps.tar.gz: the server answers 404")
    assert "--archive FILE" in message


def test_connection_cut_half_way_and_tried_again(tmp_path, small):
    with serving(tmp_path, cut=True) as address:
        message = refused(tmp_path, mirror=address)
    assert message.startswith(f"{address}/maps.tar.gz: the connection broke off; try again")
    assert {path.suffix for path in (tmp_path / "data" / "downloads").rglob("*") if path.is_file()} == {".lock"}
    with serving(tmp_path) as address:
        assert_right(datasets.load("maps", image_size=16, jitter=False, data_dir=tmp_path / "data", mirror=address))


def test_a_bad_download_is_not_kept(tmp_path, small):
    good = small.read_bytes()
    small.write_bytes(good[: len(good) // 2])
    with serving(tmp_path) as address:
        assert "is no whole tar.gz archive" in refused(tmp_path, mirror=address)
        small.write_bytes(good)
        assert_right(datasets.load("maps", image_size=16, jitter=False, data_dir=tmp_path / "data", mirror=address))


def test_a_damaged_download_from_before_is_fetched_anew(tmp_path, small):
    kept, archive = tmp_path / "data" / "downloads" / "maps.tar.gz", small.read_bytes()
    kept.parent.mkdir(parents=True)
    for damage in (b"", archive[:1000], bytes(5000)):
        kept.write_bytes(damage)
        with serving(tmp_path) as address:
            options = {"image_size": 16, "jitter": False, "data_dir": tmp_path / "data", "mirror": address}
            assert_right(datasets.load("maps", **options))
        shutil.rmtree(tmp_path / "data" / catalogue.BUILDER)


def test_damaged_records_are_one_line(tmp_path, small):
    options = {"image_size": 16, "jitter": False, "data_dir": tmp_path / "data"}
    datasets.load("maps", archive=small, **options)
    for file in (tmp_path / "data").rglob("*array_record*"):
        file.write_bytes(bytes(file.stat().st_size))
    with pytest.raises(errors.InputError, match="is damaged .*; remove the folder, and the set is prepared anew"):
        datasets.load("maps", **options).pair(0)


def test_two_that_prepare_a_set_have_it_both(tmp_path, small):
    found, start = [], threading.Barrier(3)

    def prepare():
        start.wait()
        found.append(datasets.prepare("maps", archive=small, data_dir=tmp_path / "data").splits)

    threads = [threading.Thread(target=prepare) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [COUNTS] * 3


def test_no_connection(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        message = refused(tmp_path, mirror=address)
    assert message.startswith(f"{address}/maps.tar.gz: no connection; ")
    assert "fetch the archive elsewhere and give --archive FILE" in message


def test_a_host_that_does_not_answer(tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        message = refused(tmp_path, mirror=f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert "no answer; try again" in message


def test_a_mirror_that_is_no_address(tmp_path):
    assert refused(tmp_path, mirror="ftp://x").startswith("ftp://x: is no mirror")


def special(name, kind, target=""):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


UNSAFE = [
    (special("../outside.jpg", tarfile.REGTYPE), "leads out of its folder"),
    (special("maps/../../outside", tarfile.REGTYPE), "leads out of its folder"),
    (special("/outside", tarfile.REGTYPE), "leads out of its folder"),
    (special("maps\\..\\..\\outside", tarfile.REGTYPE), "leads out of its folder"),
    (special("maps/train/99.jpg", tarfile.SYMTYPE, "/etc/passwd"), "is a link or device"),
    (special("maps/train/99.jpg", tarfile.LNKTYPE, "maps/train/1.jpg"), "is a link or device"),
    (special("maps/pipe", tarfile.FIFOTYPE), "is a link or device"),
    (special("maps/null", tarfile.CHRTYPE), "is a link or device"),
]


@pytest.mark.parametrize(("member", "reason"), UNSAFE)
def test_unsafe_archives(tmp_path, member, reason):
    path = write(tmp_path / "maps.tar.gz", contents(), member)
    message = refused(tmp_path, archive=path)
    assert message.startswith(f"{path}: is unsafe, ")
    assert reason in message
    assert not (tmp_path / "outside.jpg").exists()


def test_broken_archives(tmp_path, small):
    whole = small.read_bytes()
    for data in (whole[:-100], whole[: len(whole) // 2], b"no archive", b""):
        small.write_bytes(data)
        assert refused(tmp_path, archive=small).startswith(f"{small}: is no whole tar.gz archive (")
    assert "cannot be opened" in refused(tmp_path, archive=tmp_path / "nothing.tar.gz")
    assert "cannot be opened" in refused(tmp_path, archive=tmp_path)
    write(small, contents("night2day"))
    assert (
        refused(tmp_path, archive=small) == f"{small}: holds no images maps/train/*; expected the archive maps.tar.gz"
    )


def test_bad_images_in_an_archive(tmp_path):
    for data, reason in ((b"fake", "is not a JPEG"), (jpeg(1, width=31), "odd width"), (b"", "is empty")):
        path = write(tmp_path / "maps.tar.gz", {**contents(), "maps/train/50.jpg": data})
        message = refused(tmp_path, archive=path)
        assert message.startswith(f"{path}: maps/train/50.jpg: ")
        assert reason in message


def test_content_is_checked_image_by_image(tmp_path):
    members = {name: data for name, data in contents("facades").items() if name.endswith("0.jpg") is False}
    known = {
        name: hashlib.sha256(data).hexdigest()
        for name, data in members.items()
        if archives.part_of(name, catalogue.find("facades"))
    }
    path = tmp_path / "facades.tar.gz"
    cases = {
        "facades/train/3.jpg: is not the published image": {**members, "facades/train/3.jpg": jpeg(7)},
        "facades/train/99.jpg: is not the published image": {**members, "facades/train/99.jpg": jpeg(7)},
        "facades/val/2.jpg: is missing": {name: data for name, data in members.items() if name != "facades/val/2.jpg"},
    }
    with mock.patch.object(archives, "known_digests", lambda name: known):
        for problem, changed in cases.items():
            write(path, changed)
            assert refused(tmp_path, "facades", archive=path) == f"{path}: {problem}"
        write(path, {f"./{name}": data for name, data in members.items() if "/val/" not in name})
        assert datasets.prepare("facades", archive=path, data_dir=tmp_path / "data").splits == {"train": 10}


def test_an_image_that_is_there_twice(tmp_path):
    twice = tarfile.TarInfo("maps/train/1.jpg")
    path = write(tmp_path / "maps.tar.gz", contents(), twice)
    with pytest.raises(errors.InputError, match="maps/train/1.jpg: is there twice"):
        archives.scan(path, catalogue.find("maps"))


def test_a_data_folder_that_cannot_be_written(tmp_path, small):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(errors.InputError, match="cannot be written to"):
        datasets.load("maps", archive=small, data_dir=tmp_path / "data")


def test_a_set_too_large_for_memory_is_read_as_it_goes(tmp_path, small):
    options = {"image_size": 16, "archive": small, "data_dir": tmp_path / "data"}
    held, unheld = datasets.load("maps", **options), datasets.load("maps", memory_limit=1000, **options)
    for one, other in zip(held.batches(last_step=12), unheld.batches(last_step=12), strict=True):
        for side in (0, 1):
            np.testing.assert_array_equal(one[side], other[side])


def test_tfds_is_not_imported_before_it_is_needed():
    program = "import sys; from pix2pix_tf import datasets; datasets.list_entries(); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "pix2pix_tf.datasets" in modules
    assert not {"tensorflow", "tensorflow_datasets", "keras"} & set(modules)


@needs_real
def test_real_facades_over_http(tmp_path):
    with serving(REAL.parent) as address:
        made = datasets.load("facades", image_size=256, jitter=False, data_dir=tmp_path, mirror=address)
    assert made.counts == {"train": 400, "val": 100}
    assert made.direction == "b_to_a"
    assert made.names == [str(number) for number in range(1, 401)]
    with tarfile.open(REAL) as archive:
        data = archive.extractfile("facades/train/7.jpg").read()
    whole = images.to_float(np.asarray(Image.open(io.BytesIO(data))))
    labels, photo = made.pair(6)
    np.testing.assert_array_equal(photo, whole[:, :256])
    np.testing.assert_array_equal(labels, whole[:, 256:])
    assert len(datasets.load("facades", split="val", data_dir=tmp_path)) == 100


@needs_real
def test_one_changed_pixel_of_the_real_facades_is_noticed(tmp_path):
    path = tmp_path / "facades.tar.gz"
    with tarfile.open(REAL) as real, tarfile.open(path, "w:gz", compresslevel=1) as changed:
        for member in real:
            data = real.extractfile(member).read() if member.isfile() else b""
            if member.name == "facades/val/50.jpg":
                data = data[:-10] + bytes([data[-10] ^ 1]) + data[-9:]
            changed.addfile(member, io.BytesIO(data))
    message = refused(tmp_path, "facades", archive=path)
    assert message == f"{path}: facades/val/50.jpg: is not the published image"


def test_the_known_digests_cover_all_facades():
    known = archives.known_digests("facades")
    counts = {split: sum(f"/{split}/" in name for name in known) for split in ("train", "val", "test")}
    assert counts == {"train": 400, "val": 100, "test": 106}
    assert all(len(digest) == 64 for digest in known.values())
    assert archives.known_digests("maps") == {}


class BuilderCase(tfds.testing.DatasetBuilderTestCase):
    """TFDS's own checks, on an archive written for them."""

    DATASET_CLASS = builder.Pix2pixPairs
    BUILDER_CONFIG_NAMES_TO_TEST = ["maps"]
    SPLITS = COUNTS
    SKIP_CHECKSUMS = True  # the archives' own digests are not published

    @classmethod
    def setUpClass(cls):
        cls.EXAMPLE_DIR = tempfile.mkdtemp()
        write(pathlib.Path(cls.EXAMPLE_DIR) / "maps.tar.gz", contents())
        super().setUpClass()

    def _make_builder(self, config=None):
        archive = pathlib.Path(self.EXAMPLE_DIR) / "maps.tar.gz"
        return builder.Pix2pixPairs(data_dir=self.tmp_dir, config=config, archive=archive)

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        shutil.rmtree(cls.EXAMPLE_DIR)

    def test_every_public_set_has_a_configuration(self):
        names = [entry.name for entry in datasets.list_entries() if entry.name in catalogue.PUBLIC]
        self.assertEqual(list(self.dataset_class.builder_configs), names)
        for name in names:
            place = (
                f"pix2pix/datasets/{name}.tar.gz" if catalogue.find(name).paired else f"cyclegan/datasets/{name}.zip"
            )
            self.assertTrue(addresses.ARCHIVES[name][0].endswith(f"/{place}"))

    def test_records_lie_in_the_order_of_their_names(self):
        made = self._make_builder(config="maps")
        made.download_and_prepare()
        stored = [example["name"].decode() for example in tfds.as_numpy(made.as_dataset(split="train"))]
        self.assertEqual(stored, [str(number) for number in range(1, 12)])
        self.assertEqual(stored, self._make_builder(config="maps").info.metadata["names"]["train"])
