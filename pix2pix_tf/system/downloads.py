"""Downloads: every published file is fetched once, by pooch, and kept only whole and as it was published."""

import os
import pathlib
import threading
import warnings

import platformdirs
import requests
import tqdm

from pix2pix_tf import errors
from pix2pix_tf.system import files, locks
from pix2pix_tf.system import progress as progress_bars

with warnings.catch_warnings():  # in a notebook without widgets, of which this package has bars that need none
    warnings.simplefilter("ignore", tqdm.TqdmWarning)
    import pooch

ANSWER_SECONDS = 10  # for a server's first sign of life, whatever it takes to find the server
SILENCE_SECONDS = 30  # between two pieces of a file
BLOCK = 2**20
OFFLINE = "label accuracy and the paired measures need no download, and --weights FILE takes a file fetched elsewhere"

digest_of = pooch.file_hash  # (path, algorithm="sha256") -> the digest in hexadecimal


def data_folder(data_dir=None):
    """Return the folder for downloads and prepared sets, wherever one stands.

    Args:
        data_dir: the folder, if it is known.

    Returns:
        `pathlib.Path`: the argument, else $PIX2PIX_TF_DATA, else `data` of this project's checkout if the package runs
        from one, else the user's cache folder.
    """
    chosen = data_dir or os.environ.get("PIX2PIX_TF_DATA")
    if chosen:
        return pathlib.Path(chosen)
    checkout = pathlib.Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file() and (checkout / "data" / "README.md").is_file():
        return checkout / "data"
    return pathlib.Path(platformdirs.user_cache_dir("pix2pix_tf", appauthor=False))


def fetch(address, digest, file=None, folder=None, progress=False, mirror=None, advice=OFFLINE):
    """Return the path of a published file, after a download if it is not there yet.

    Args:
        address: where it is published, http or https.
        digest: the published SHA-256 in hexadecimal, "md5:..." where only that is published, None where nothing is.
        file: a copy fetched elsewhere, used instead if it has that digest.
        folder: where downloads are kept; None takes `weights` in the folder of the data sets.
        progress: whether to show a progress bar.
        mirror: address of another place with the same file name; None takes $PIX2PIX_TF_MIRROR if that is set.
        advice: what to do where the download fails, the end of the error's line.

    Returns:
        `pathlib.Path` of a whole file, whose digest is the published one.

    Raises:
        errors.InputError: if the file cannot be had, or is another than the published one.
        errors.RunError: if it cannot be stored.
    """
    if file is not None:
        return _check(pathlib.Path(file), digest)
    address = _locate(address, mirror)
    path = pathlib.Path(folder or data_folder() / "weights") / address.rpartition("/")[2]

    def download(_address, unfinished, _pooch):
        _await_answer(address)
        # pooch asks a bar whether it is one, for which its length must not be 0, and then sets the length
        with progress_bars.bar(None, path.name, total=1, unit="B", shown=progress, unit_scale=True) as bar:
            bar = bar if progress else False
            seconds = (ANSWER_SECONDS, SILENCE_SECONDS)
            pooch.HTTPDownloader(progressbar=bar, chunk_size=BLOCK, timeout=seconds)(address, unfinished, None)

    pooch.get_logger().setLevel("WARNING")  # or it tells of every download
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locks.alone(path.with_name(f".{path.name}.lock")):
            pooch.retrieve(address, digest, path.name, path.parent, downloader=download)
    except requests.RequestException as error:
        raise errors.InputError(f"{address}: {_explain(error)}; {advice}") from error
    except ValueError as error:  # pooch's word for another digest, with both of them
        reason = str(error).partition(". ")[0]
        raise errors.InputError(f"{address}: {reason}; nothing was kept; {advice}") from error
    except OSError as error:
        raise files.explain_unwritable(path, error) from error
    return path


def _locate(address, mirror=None):
    """Return the address to download from: the published one, or the same file name on a mirror; see `fetch`."""
    mirror = mirror or os.environ.get("PIX2PIX_TF_MIRROR")
    if not mirror:
        return address
    if not mirror.startswith(("http://", "https://")):
        raise errors.InputError(
            f"{mirror}: is no mirror; set PIX2PIX_TF_MIRROR to an address that begins with http:// or https://"
        )
    return f"{mirror.rstrip('/')}/{address.rpartition('/')[2]}"


def _check(path, digest):
    """Return the path of a user's own file if it is the published one, as told by its digest."""
    algorithm, expected = digest.rpartition(":")[0] or "sha256", digest.rpartition(":")[2]
    try:
        found = digest_of(path, algorithm)
    except OSError as error:
        raise errors.InputError(
            f"{path}: cannot be read ({error.strerror}); give the file of weights as published"
        ) from error
    if found != expected:
        kind = {"sha256": "SHA-256", "md5": "MD5"}[algorithm]
        raise errors.InputError(
            f"{path}: has {kind} {found}, and the published file has {expected}; give the published file"
        )
    return path


def _await_answer(address):
    """Raise what `requests` does where a server gives no sign of life in time.

    Its own limits count for each of a host's addresses anew, and not at all for the look-up of its name: behind a wall
    that swallows everything they add up to minutes. Hence a thread of its own, which may be left behind.
    """
    failures = []

    def ask():
        try:
            requests.head(address, timeout=ANSWER_SECONDS).close()
        except requests.RequestException as error:
            failures.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(ANSWER_SECONDS)
    if thread.is_alive():
        raise requests.ConnectTimeout(f"no answer within {ANSWER_SECONDS} s")
    if failures:
        raise failures[0]


def _explain(error):
    """Say in a few words what a failure of `requests` means."""
    if isinstance(error, requests.HTTPError):
        return f"the server answers {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return "no answer"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke off"
    return "the server stopped answering" if "timed out" in str(error) else "no connection"
