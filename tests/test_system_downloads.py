"""Published weights over a loopback server: whole, cut short, changed, absent; and files fetched elsewhere."""

import concurrent.futures
import contextlib
import functools
import hashlib
import http.server
import pathlib
import socket
import threading
import time

import platformdirs
import pytest

from pix2pix_tf import errors
from pix2pix_tf.system import downloads

CONTENT = bytes(range(256)) * 9000  # more than two blocks
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MD5 = "md5:" + hashlib.md5(CONTENT).hexdigest()


@contextlib.contextmanager
def serving(folder, cut=False, pause=0):
    """Serve a folder on loopback; break bodies off half-way, or fall silent there for some seconds."""
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            asked.append(self.path)

        def copyfile(self, source, outputfile):
            data = source.read()
            outputfile.write(data[: len(data) // 2] if cut or pause else data)
            outputfile.flush()
            time.sleep(pause)

    handler = functools.partial(Handler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


@pytest.fixture
def served(tmp_path):
    folder = tmp_path / "server"
    folder.mkdir()
    (folder / "net.pth").write_bytes(CONTENT)
    return folder


def refused(tmp_path, address, digest=SHA256, **options):
    folder = tmp_path / "kept"
    with pytest.raises(errors.InputError) as raised:
        downloads.fetch(address, digest, **{"folder": folder, **options})
    assert "\n" not in str(raised.value)
    assert not folder.exists() or not list(folder.glob("[!.]*"))
    return str(raised.value)


@pytest.mark.parametrize("digest", [SHA256, MD5, f"sha256:{SHA256}"])
def test_download_once(tmp_path, served, digest, capfd):
    with serving(served) as (address, asked):
        path = downloads.fetch(f"{address}/net.pth", digest, folder=tmp_path / "kept")
        assert (path, path.read_bytes()) == (tmp_path / "kept" / "net.pth", CONTENT)
        assert downloads.fetch(f"{address}/net.pth", digest, folder=tmp_path / "kept") == path
        assert asked == ["/net.pth"] * 2  # whether it answers, and the file
    assert [file.name for file in path.parent.glob("[!.]*")] == ["net.pth"]
    assert capfd.readouterr() == ("", "")


def test_progress(tmp_path, served, capfd):
    with serving(served) as (address, _):
        downloads.fetch(f"{address}/net.pth", SHA256, folder=tmp_path, progress=True)
    assert "net.pth: 2.30M of 2.30M B" in capfd.readouterr().err


def test_the_folder_is_that_of_the_data(tmp_path, served, monkeypatch):
    monkeypatch.setenv("PIX2PIX_TF_DATA", str(tmp_path / "elsewhere"))
    with serving(served) as (address, _):
        assert downloads.fetch(f"{address}/net.pth", SHA256) == tmp_path / "elsewhere" / "weights" / "net.pth"


def test_the_data_folder_does_not_depend_on_where_one_stands(tmp_path, monkeypatch):
    monkeypatch.delenv("PIX2PIX_TF_DATA")
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    assert downloads.data_folder() == pathlib.Path(__file__).resolve().parents[1] / "data"
    monkeypatch.setattr(
        downloads, "__file__", str(tmp_path / "site-packages" / "pix2pix_tf" / "system" / "downloads.py")
    )
    assert downloads.data_folder() == pathlib.Path(platformdirs.user_cache_dir("pix2pix_tf", appauthor=False))
    assert downloads.data_folder(tmp_path / "mine") == tmp_path / "mine"
    monkeypatch.setenv("PIX2PIX_TF_DATA", str(tmp_path / "theirs"))
    assert downloads.data_folder() == tmp_path / "theirs"


def test_two_that_want_a_file_download_it_once(tmp_path, served):
    with serving(served) as (address, asked):
        with concurrent.futures.ThreadPoolExecutor(3) as executor:
            found = executor.map(lambda _: downloads.fetch(f"{address}/net.pth", SHA256, folder=tmp_path), range(3))
            assert {path.read_bytes() for path in found} == {CONTENT}
        assert asked == ["/net.pth"] * 2


def test_a_mirror_has_the_same_file_name(tmp_path, served, monkeypatch):
    with serving(served) as (address, asked):
        monkeypatch.setenv("PIX2PIX_TF_MIRROR", f"{address}/")
        downloads.fetch("https://unreachable.invalid/some/where/net.pth", SHA256, folder=tmp_path)
        assert set(asked) == {"/net.pth"}
    monkeypatch.setenv("PIX2PIX_TF_MIRROR", "somewhere")
    assert refused(tmp_path, "https://unreachable.invalid/net.pth").startswith("somewhere: is no mirror")


def test_a_damaged_copy_is_fetched_again(tmp_path, served):
    (tmp_path / "net.pth").write_bytes(CONTENT[:-1])
    with serving(served) as (address, _):
        assert downloads.fetch(f"{address}/net.pth", SHA256, folder=tmp_path).read_bytes() == CONTENT


def test_another_file_on_the_server(tmp_path, served):
    (served / "net.pth").write_bytes(b"another")
    found = hashlib.sha256(b"another").hexdigest()
    with serving(served) as (address, _):
        message = refused(tmp_path, f"{address}/net.pth")
    assert found in message and SHA256 in message and message.endswith(f"; nothing was kept; {downloads.OFFLINE}")


def test_no_such_file_on_the_server(tmp_path, served):
    with serving(served) as (address, _):
        message = refused(tmp_path, f"{address}/other.pth")
    assert message == f"{address}/other.pth: the server answers 404 File not found; {downloads.OFFLINE}"


def test_a_connection_cut_half_way(tmp_path, served):
    with serving(served, cut=True) as (address, _):
        message = refused(tmp_path, f"{address}/net.pth")
    assert message == f"{address}/net.pth: the connection broke off; {downloads.OFFLINE}"


def test_a_server_that_falls_silent(tmp_path, served, monkeypatch):
    monkeypatch.setattr(downloads, "SILENCE_SECONDS", 0.3)
    with serving(served, pause=1) as (address, _):
        message = refused(tmp_path, f"{address}/net.pth")
    assert "the server stopped answering; label accuracy" in message


def test_no_answer(tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        message = refused(tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}/net.pth")
    assert "no answer; label accuracy and the paired measures need no download" in message


def test_a_name_that_is_looked_up_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(2))
    assert "no answer; label accuracy" in refused(tmp_path, "http://host.invalid/net.pth")


def test_no_connection(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        message = refused(tmp_path, f"http://127.0.0.1:{unused.getsockname()[1]}/net.pth")
    assert "no connection; label accuracy" in message
    assert "--weights FILE" in message
    assert "no connection" in refused(tmp_path, "http://host.invalid/net.pth")


def test_a_folder_that_cannot_be(tmp_path, served):
    (tmp_path / "file").write_text("")
    with serving(served) as (address, _):
        message = refused(tmp_path, f"{address}/net.pth", folder=tmp_path / "file" / "kept")
    assert "cannot be written to (Not a directory); set PIX2PIX_TF_DATA" in message


def test_a_file_fetched_elsewhere(tmp_path, served):
    nowhere = "http://host.invalid/net.pth"
    assert downloads.fetch(nowhere, MD5, file=str(served / "net.pth")) == served / "net.pth"
    message = refused(tmp_path, nowhere, digest="0" * 64, file=served / "net.pth")
    assert (
        message
        == f"{served / 'net.pth'}: has SHA-256 {SHA256}, and the published file has {'0' * 64}; give the published file"
    )
    assert "has MD5 " in refused(tmp_path, nowhere, digest="md5:" + "0" * 32, file=served / "net.pth")
    assert "cannot be read (No such file or directory)" in refused(tmp_path, nowhere, file=tmp_path / "absent")
    assert "cannot be read (Is a directory)" in refused(tmp_path, nowhere, file=tmp_path)
