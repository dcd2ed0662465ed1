"""The public archives: where they are, whether they can be reached, and whether what came is what it should be."""

import hashlib
import os
import pathlib
import tarfile
import zlib

import requests

from pix2pix_tf import errors
from pix2pix_tf.datasets import images, layouts, problems

BASE = "http://efrosgans.eecs.berkeley.edu/pix2pix/datasets"
PROBE_SECONDS = 10


def url(name, mirror=None):
    """Return the address of an archive.

    Args:
        name: Name of the set.
        mirror: Where the archives lie instead; None takes $PIX2PIX_TF_MIRROR, else the authors' server.

    Returns:
        An http or https address.

    Raises:
        InputError: If the mirror is no such address.
    """
    base = mirror or os.environ.get("PIX2PIX_TF_MIRROR") or BASE
    if not base.startswith(("http://", "https://")):
        raise errors.InputError(f"{base}: is no mirror; give an address that begins with http:// or https://")
    return f"{base.rstrip('/')}/{name}.tar.gz"


def probe(address):
    """Ask the server for a file's header only, since a download from a dead host takes minutes to fail.

    Args:
        address: http or https address.

    Raises:
        InputError: If there is no network, no such host, no answer within ten seconds, or no such file.
    """
    try:
        response = requests.head(address, allow_redirects=True, timeout=PROBE_SECONDS)
        if response.status_code in (403, 405, 501):  # some servers refuse HEAD and have the file
            response = requests.get(address, stream=True, timeout=PROBE_SECONDS)
        response.close()
    except requests.RequestException as error:
        raise unreachable(address, error) from error
    if response.status_code != 200:
        raise errors.InputError(f"{address}: the server answers {response.status_code} {response.reason}; {advice()}")


def unreachable(address, error):
    """Return the InputError for a connection that failed."""
    reason = "no answer" if isinstance(error, requests.Timeout) else "no connection"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        reason = "the connection broke off"
    return errors.InputError(f"{address}: {reason}; {advice()}")


def advice():
    """Say what helps where a download does not."""
    return "try again, set PIX2PIX_TF_MIRROR to another server, or fetch the archive elsewhere and give --archive FILE"


def scan(path, name, digests=None):
    """Read an archive from end to end before anything is made of it.

    Args:
        path: The archive, a gzipped tar file with `NAME/SPLIT/*` inside.
        name: Name of the set.
        digests: Dict of member name -> SHA-256 that every image must match; a split may be absent as a whole. Where
            nothing is known, every image must decode instead.

    Returns:
        Dict of split -> dict of member name -> SHA-256.

    Raises:
        InputError: If the file is missing, no archive, cut short, unsafe to unpack, or holds other content.
    """
    path = pathlib.Path(path)
    found, bad = {}, []
    try:
        with tarfile.open(path, "r:*") as archive:
            for member in archive:
                _refuse_unsafe(path, member)
                split = split_of(member.name, name)
                if split and member.isfile():
                    content = archive.extractfile(member).read()
                    _record(found.setdefault(split, {}), member.name, content, bad, decode=not digests)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise errors.InputError(
            f"{path}: cannot be opened ({error.strerror}); give the path of {name}.tar.gz"
        ) from error
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        reason = str(error).splitlines()[0].rstrip(":") if str(error) else "it ends early"
        raise errors.InputError(f"{path}: is no whole tar.gz archive ({reason}); fetch {name}.tar.gz again") from error
    if not found:
        raise errors.InputError(f"{path}: holds no images {name}/train/*; expected the archive {name}.tar.gz")
    problems.raise_for(path, bad + (_differences(found, digests) if digests else []))
    return found


def split_of(member, name):
    """Return the split of an archive member `NAME/SPLIT/IMAGE`, or None for anything else."""
    path = pathlib.PurePosixPath(member)
    is_image = len(path.parts) == 3 and path.suffix.lower() in images.SUFFIXES and not path.name.startswith(".")
    return path.parts[1] if is_image and path.parts[0] == name and path.parts[1] in layouts.SPLITS else None


def file_digest(path):
    """Return the SHA-256 of a file in hexadecimal, None if there is no such file."""
    if not os.path.isfile(path):
        return None
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest()


def known_digests(name):
    """Return what is known of a set's content: dict of member name -> SHA-256, empty where nothing is."""
    path = pathlib.Path(__file__).with_name(f"{name}.sha256")
    lines = path.read_text().splitlines() if path.exists() else []
    return {member: digest for digest, member in (line.split() for line in lines)}


def _refuse_unsafe(path, member):
    """Refuse members that could write outside their folder, or are neither file nor folder."""
    parts = pathlib.PurePosixPath(member.name.replace("\\", "/")).parts
    if ".." in parts or parts[:1] == ("/",):
        raise errors.InputError(f"{path}: is unsafe, {member.name!r} leads out of its folder; do not use this archive")
    if not (member.isfile() or member.isdir()):
        raise errors.InputError(f"{path}: is unsafe, {member.name!r} is a link or device; do not use this archive")


def _record(members, member, content, bad, decode):
    """Note an image's digest, or what is wrong with it."""
    member = str(pathlib.PurePosixPath(member))
    if member in members:
        bad.append(f"{member}: is there twice")
    members[member] = hashlib.sha256(content).hexdigest()
    try:
        if decode:
            images.halves(images.decode(content, member), member)
    except errors.InputError as error:
        bad.append(str(error))


def _differences(found, digests):
    """List images that differ from the known ones, are unknown, or are missing from a split that is there."""
    content = {member: digest for members in found.values() for member, digest in members.items()}
    splits = {f"/{split}/" for split in found}
    differences = [
        f"{member}: is not the published image" for member in content if digests.get(member) != content[member]
    ]
    expected = [member for member in digests if any(split in member for split in splits)]
    return differences + [f"{member}: is missing" for member in expected if member not in content]
