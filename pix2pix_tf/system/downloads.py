"""Files of published weights: downloaded once, and used only if they are the published ones."""

import hashlib
import os
import pathlib

import requests
import tqdm

from pix2pix_tf import errors
from pix2pix_tf.system import files

CONNECT_SECONDS = 10
READ_SECONDS = 30
BLOCK = 2**20
OFFLINE = "label accuracy and the paired measures need no download, and --weights FILE takes a file fetched elsewhere"


def data_folder(data_dir=None):
    """Return the folder for downloads and prepared sets: the argument, else $PIX2PIX_TF_DATA, else `data`."""
    return pathlib.Path(data_dir or os.environ.get("PIX2PIX_TF_DATA") or "data")


def fetch(address, digest, file=None, folder=None, progress=False):
    """Return the path of a file of weights, after a download if it is not there yet.

    Args:
        address: where it is published, http or https; $PIX2PIX_TF_WEIGHTS_MIRROR names another place with the same file
            name.
        digest: the published SHA-256 in hexadecimal, or "md5:..." where only that is published.
        file: a copy fetched elsewhere, used instead.
        folder: where downloads are kept; None takes `weights` in the folder of the data sets.
        progress: whether to show a progress bar.

    Returns:
        `pathlib.Path` of a file whose digest is the published one.

    Raises:
        errors.InputError: if the file cannot be had, or is another than the published one.
    """
    if file is not None:
        return checked(file, digest)
    path = pathlib.Path(folder or data_folder() / "weights") / address.rpartition("/")[2]
    if path.is_file() and digest_of(path, algorithm(digest)) == digest.rpartition(":")[2]:
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _download(mirrored(address), digest, path, progress)
    except requests.RequestException as error:
        raise _unreachable(mirrored(address), error) from error
    except OSError as error:
        raise errors.InputError(
            f"{path}: cannot be written ({error.strerror or error}); set PIX2PIX_TF_DATA to another folder"
        ) from error
    return path


def checked(file, digest):
    """Return the path of a user's own file if it is the published one, as told by its digest."""
    path = pathlib.Path(file)
    try:
        found = digest_of(path, algorithm(digest))
    except OSError as error:
        raise errors.InputError(
            f"{path}: cannot be read ({error.strerror}); give the file of weights as published"
        ) from error
    _compare(path, found, digest, "give the published file")
    return path


def digest_of(path, algorithm="sha256"):
    """Return the digest of a file in hexadecimal."""
    digest = hashlib.new(algorithm)
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def algorithm(digest):
    """Return the name of the algorithm behind a published digest: "md5" where it says so, else "sha256"."""
    return digest.rpartition(":")[0] or "sha256"


def mirrored(address):
    """Return the address to download from: the published one, or the same file name on the mirror."""
    mirror = os.environ.get("PIX2PIX_TF_WEIGHTS_MIRROR")
    if not mirror:
        return address
    if not mirror.startswith(("http://", "https://")):
        raise errors.InputError(
            f"{mirror}: is no mirror; set PIX2PIX_TF_WEIGHTS_MIRROR to an address that begins with http:// or https://"
        )
    return f"{mirror.rstrip('/')}/{address.rpartition('/')[2]}"


def _download(address, digest, path, progress):
    """Write what lies at an address to a path, if its digest is the published one."""
    with requests.get(address, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS)) as response:
        if response.status_code != 200:
            raise errors.InputError(
                f"{address}: the server answers {response.status_code} {response.reason}; {OFFLINE}"
            )
        length = int(response.headers.get("content-length") or 0) or None
        with files.whole(path) as unfinished:
            found = hashlib.new(algorithm(digest))
            bar = tqdm.tqdm(total=length, desc=path.name, unit="B", unit_scale=True, disable=not progress)
            with bar, open(unfinished, "wb") as file:
                for block in response.iter_content(BLOCK):
                    file.write(block)
                    found.update(block)
                    bar.update(len(block))
            _compare(address, found.hexdigest(), digest, f"nothing was kept; {OFFLINE}")


def _compare(source, found, digest, advice):
    """Raise InputError, with both digests, unless they are the same."""
    expected = digest.rpartition(":")[2]
    if found != expected:
        kind = {"sha256": "SHA-256", "md5": "MD5"}[algorithm(digest)]
        raise errors.InputError(f"{source}: has {kind} {found}, and the published file has {expected}; {advice}")


def _unreachable(address, error):
    """Return the InputError for a connection that failed."""
    reason = "no answer" if isinstance(error, requests.Timeout) else "no connection"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        reason = "the connection broke off"
    if isinstance(error, requests.exceptions.ConnectionError) and "timed out" in str(error):
        reason = "the server stopped answering"
    return errors.InputError(f"{address}: {reason}; {OFFLINE}")
