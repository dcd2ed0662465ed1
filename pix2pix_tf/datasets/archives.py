"""The public archives: where they are, whether they can be reached, and whether what came is what it should be."""

import hashlib
import os
import pathlib

import requests

from pix2pix_tf import errors, images
from pix2pix_tf.datasets import catalogue, folder_layouts, members

BASES = {  # of sets of pairs, and of two domains
    True: "http://efrosgans.eecs.berkeley.edu/pix2pix/datasets",
    False: "https://efrosgans.eecs.berkeley.edu/cyclegan/datasets",
}
PROBE_SECONDS = 10
_CHECKS = {True: images.halves, False: lambda image, name: image}  # of what a pair, and an image of a domain, must be


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
    base = mirror or os.environ.get("PIX2PIX_TF_MIRROR") or BASES[catalogue.find(name).paired]
    if not base.startswith(("http://", "https://")):
        raise errors.InputError(f"{base}: is no mirror; give an address that begins with http:// or https://")
    return f"{base.rstrip('/')}/{catalogue.archive(name)}"


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
        path: The archive, a gzipped tar file or a zip file with `NAME/PART/*` inside.
        name: Name of the set; its parts are splits, and for domains trainA and the like.
        digests: Dict of member name -> SHA-256 that every image must match; a split may be absent as a whole. Where
            nothing is known, every image must decode instead.

    Returns:
        Dict of part -> dict of member name -> SHA-256.

    Raises:
        InputError: If the file is missing, no archive, cut short, unsafe to unpack, or holds other content.
    """
    path = pathlib.Path(path)
    found, bad = {}, []
    paired, expected = catalogue.find(name).paired, catalogue.archive(name)
    for member, content in members.walk(path, expected, lambda member: part_of(member, name)):
        part = found.setdefault(part_of(member, name), {})
        _record(part, member, content, bad, check=None if digests else _CHECKS[paired])
    if not found:
        first = parts(name)[0]
        raise errors.InputError(f"{path}: holds no images {name}/{first}/*; expected the archive {expected}")
    bad += [f"{part}: is missing" for part in _lonely(found, name)]
    errors.raise_for(path, bad + (_differences(found, digests) if digests else []))
    return found


def parts(name):
    """Return what the folders of a set's archive may be called: splits, for two domains trainA, trainB and so on."""
    if catalogue.find(name).paired:
        return folder_layouts.SPLITS
    return tuple(f"{split}{side}" for split in folder_layouts.SPLITS for side in "AB")


def part_of(member, name):
    """Return the part of an archive member `NAME/PART/IMAGE`, or None for anything else."""
    path = pathlib.PurePosixPath(member)
    is_image = len(path.parts) == 3 and path.suffix.lower() in images.SUFFIXES and not path.name.startswith(".")
    return path.parts[1] if is_image and path.parts[0] == name and path.parts[1] in parts(name) else None


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


def _lonely(found, name):
    """List the domains without which another one is of no use."""
    if catalogue.find(name).paired:
        return []
    return [part for part in parts(name) if part not in found and part[:-1] + "BA"[part[-1] == "B"] in found]


def _record(known, member, content, bad, check):
    """Note an image's digest, or what is wrong with it."""
    member = str(pathlib.PurePosixPath(member))
    if member in known:
        bad.append(f"{member}: is there twice")
    known[member] = hashlib.sha256(content).hexdigest()
    try:
        if check:
            check(images.decode(content, member), member)
    except errors.InputError as error:
        bad.append(str(error))


def _differences(found, digests):
    """List images that differ from the known ones, are unknown, or are missing from a split that is there."""
    content = {member: digest for part in found.values() for member, digest in part.items()}
    splits = {f"/{split}/" for split in found}
    differences = [
        f"{member}: is not the published image" for member in content if digests.get(member) != content[member]
    ]
    expected = [member for member in digests if any(split in member for split in splits)]
    return differences + [f"{member}: is missing" for member in expected if member not in content]
