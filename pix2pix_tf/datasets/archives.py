"""Archives, tar or zip: read from end to end, held to what is known of a public set, or unpacked into a folder."""

import functools
import hashlib
import pathlib
import stat
import tarfile
import tempfile
import zipfile
import zlib

from pix2pix_tf import errors, images
from pix2pix_tf.datasets import folder_layouts
from pix2pix_tf.system import downloads, files, locks

_BROKEN = (tarfile.TarError, zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error, OSError)
UNPACKED = "unpacked"  # the folder of users' archives, in the data folder
_NOWHERE = "/nonexistent"  # a folder to measure names by: what leads out of it leads out of any
_CHECKS = {True: images.halves, False: lambda image, name: image}  # of what a pair, and an image of a domain, must be


def is_archive(path):
    """Tell by its first bytes whether a file is a zip or tar.gz archive, whole or not."""
    with open(path, "rb") as file:
        return _is_zip(path) or file.read(2) == b"\x1f\x8b"


def walk(path, expected, wanted):
    """Go through an archive; nothing of it is written anywhere.

    Args:
        path: a tar file, compressed or not, or a zip file.
        expected: file name of the archive that was expected, for error messages.
        wanted: function of a file's name: whether its content is asked for.

    Yields:
        Name and content of every file that is wanted.

    Raises:
        errors.InputError: if the archive is missing, none, cut short, encrypted or unsafe to unpack.
    """
    path = pathlib.Path(path)
    kind = "tar.gz"
    try:
        kind = "zip" if _is_zip(path) else kind
        for name, content in _zip(path) if kind == "zip" else _tar(path):
            if wanted(name):
                yield name, content()
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise errors.InputError(f"{path}: cannot be opened ({error.strerror}); give the path of {expected}") from error
    except _BROKEN as error:
        reason = str(error).splitlines()[0].rstrip(":") if str(error) else "it ends early"
        raise errors.InputError(f"{path}: is no whole {kind} archive ({reason}); fetch {expected} again") from error


def scan(path, entry, digests=None):
    """Read a public set's archive from end to end before anything is made of it.

    Args:
        path: the archive, a gzipped tar file or a zip file with `NAME/PART/*` inside.
        entry: the set's `catalogue.Entry`; its parts are splits, and for domains trainA and the like.
        digests: dict of member name -> SHA-256 that every image must match; a split may be absent as a whole. Where
            nothing is known, every image must decode instead.

    Returns:
        Dict of part -> dict of member name -> SHA-256.

    Raises:
        errors.InputError: if the file is missing, no archive, cut short, unsafe to unpack, or holds other content.
    """
    found, bad = {}, []
    for member, content in walk(path, entry.archive, lambda member: part_of(member, entry)):
        part = found.setdefault(part_of(member, entry), {})
        _record(part, member, content, bad, check=None if digests else _CHECKS[entry.paired])
    if not found:
        place = f"{entry.name}/{entry.parts[0]}/*"
        raise errors.InputError(f"{path}: holds no images {place}; expected the archive {entry.archive}")
    bad += [f"{part}: is missing" for part in _lonely(found, entry)]
    errors.raise_for(path, bad + (_differences(found, digests) if digests else []))
    return found


def part_of(member, entry):
    """Return the part of an archive member `NAME/PART/IMAGE`, or None for anything else."""
    path = pathlib.PurePosixPath(member)
    is_image = len(path.parts) == 3 and path.suffix.lower() in images.SUFFIXES and not path.name.startswith(".")
    return path.parts[1] if is_image and path.parts[0] == entry.name and path.parts[1] in entry.parts else None


def known_digests(name):
    """Return what is known of a set's content: dict of member name -> SHA-256, empty where nothing is."""
    path = pathlib.Path(__file__).with_name(f"{name}.sha256")
    lines = path.read_text().splitlines() if path.exists() else []
    return {member: digest for digest, member in (line.split() for line in lines)}


def unpack(path, data_dir=None):
    """Unpack the pictures of a user's archive, unless that has been done before.

    Args:
        path: pathlib.Path of a zip or tar.gz file, in which a folder's layout lies, or one folder that has it.
        data_dir: folder for prepared sets; None as in `downloads.data_folder`.

    Returns:
        pathlib.Path of the folder.

    Raises:
        errors.InputError: if the archive is cut short, unsafe to unpack or without pictures.
        errors.RunError: if there is no place to unpack it to.
    """
    root = downloads.data_folder(data_dir) / UNPACKED
    place = root / files.fit_name(path.name.split(".")[0], f"-{downloads.digest_of(path)[:16]}")
    if not place.exists():
        try:
            root.mkdir(parents=True, exist_ok=True)
            with locks.alone(root / f".{place.name[-16:]}.lock"):
                if not place.exists():  # another process has put it there meanwhile
                    with tempfile.TemporaryDirectory(prefix=files.UNFINISHED, dir=root) as unfinished:
                        _write(path, pathlib.Path(unfinished, place.name)).replace(place)
        except OSError as error:
            raise files.explain_unwritable(place, error) from error
    return _innermost(place)


def find_beside(folder, data_dir=None):
    """List the pictures of an unpacked archive that lie beside the folder of the set (str), in order."""
    root = downloads.data_folder(data_dir) / UNPACKED
    if root not in folder.parents:
        return []
    place = root / folder.relative_to(root).parts[0]
    found = folder_layouts.find_passed_over(place, ())
    inside = f"{folder.relative_to(place).as_posix()}/"
    return [name for name in found if folder != place and not pathlib.Path(name).as_posix().startswith(inside)]


def _is_zip(path):
    """Tell by its first bytes whether a file is a zip archive, whole or not."""
    with open(path, "rb") as file:
        return file.read(4) in (b"PK\3\4", b"PK\5\6")


def _tar(path):
    """Yield the name of every file in a tar archive, and a function that reads it."""
    with tarfile.open(path, "r:*") as archive:
        for member in archive:
            _refuse_unsafe(path, member.name, member.isfile() or member.isdir())
            if member.isfile():
                yield member.name, functools.partial(_read, archive, member)


def _read(archive, member):
    """Return the content of a tar's member."""
    return archive.extractfile(member).read()


def _zip(path):
    """Yield the name of every file in a zip archive, and a function that reads it; some programs write a\\b for a/b."""
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            name, kind = member.filename.replace("\\", "/"), stat.S_IFMT(member.external_attr >> 16)
            _refuse_unsafe(path, name, kind in (0, stat.S_IFREG, stat.S_IFDIR))
            if member.flag_bits & 1:
                raise errors.InputError(f"{path}: {name!r} is encrypted; unpack it and pack it anew")
            if not name.endswith("/"):
                yield name, functools.partial(archive.read, member)


def _refuse_unsafe(path, name, is_plain):
    """Refuse members that are neither file nor folder, or whose names tarfile's filter for data refuses or changes."""
    if not is_plain:
        raise errors.InputError(f"{path}: is unsafe, {name!r} is a link or device; do not use this archive")
    member = tarfile.TarInfo(name.replace("\\", "/"))
    try:
        is_inside = tarfile.data_filter(member, _NOWHERE).name == member.name
    except tarfile.FilterError:
        is_inside = False
    if not is_inside:
        raise errors.InputError(f"{path}: is unsafe, {name!r} leads out of its folder; do not use this archive")


def _lonely(found, entry):
    """List the domains without which another one is of no use."""
    if entry.paired:
        return []
    return [part for part in entry.parts if part not in found and part[:-1] + "BA"[part[-1] == "B"] in found]


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


def _write(path, place):
    """Write all pictures of an archive into a new folder and return it; `walk` gives no name that leads outside."""
    twice = []
    for name, content in walk(path, path.name, _is_picture):
        target = place / name
        if target.exists():
            twice.append(f"{name}: is there twice")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    errors.raise_for(path, twice)
    if not place.exists():
        raise errors.InputError(f"{path}: holds no images; pack a folder of them")
    return place


def _is_picture(name):
    """Tell whether a member is a picture; hidden files, and what macOS adds, are none."""
    parts = pathlib.PurePosixPath(name).parts
    return name.lower().endswith(images.PICTURE_SUFFIXES) and not any(
        part.startswith((".", "__MACOSX")) for part in parts
    )


def _innermost(place):
    """Step into the one folder in which the set lies, as archives of a folder have it, whatever else lies beside."""
    ends = ("A", "B", "_label", "_inst", "_img")
    known = {*folder_layouts.SPLITS, "A", "B", *(f"{split}{end}" for split in folder_layouts.SPLITS for end in ends)}
    folders = [inside for inside in place.iterdir() if inside.is_dir()]
    if len(folders) == 1 and folders[0].name not in known:
        inner = _innermost(folders[0])
        has_layout = any(inside.name in known for inside in inner.iterdir() if inside.is_dir())
        if has_layout or all(inside.is_dir() for inside in place.iterdir()):
            return inner
    return place
