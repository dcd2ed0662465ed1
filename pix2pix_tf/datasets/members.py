"""What is in an archive, tar or zip, from end to end; nothing of it is written anywhere."""

import functools
import pathlib
import stat
import tarfile
import zipfile
import zlib

from pix2pix_tf import errors

BROKEN = (tarfile.TarError, zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error, OSError)


def walk(path, expected, wanted):
    """Go through an archive.

    Args:
        path: A tar file, compressed or not, or a zip file.
        expected: File name of the archive that was expected, for error messages.
        wanted: Function of a file's name: whether its content is asked for.

    Yields:
        Name and content of every file that is wanted.

    Raises:
        InputError: If the archive is missing, none, cut short, encrypted or unsafe to unpack.
    """
    path = pathlib.Path(path)
    kind = "tar.gz"
    try:
        kind = "zip" if is_zip(path) else kind
        for name, content in _zip(path) if kind == "zip" else _tar(path):
            if wanted(name):
                yield name, content()
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise errors.InputError(f"{path}: cannot be opened ({error.strerror}); give the path of {expected}") from error
    except BROKEN as error:
        reason = str(error).splitlines()[0].rstrip(":") if str(error) else "it ends early"
        raise errors.InputError(f"{path}: is no whole {kind} archive ({reason}); fetch {expected} again") from error


def is_zip(path):
    """Tell by its first bytes whether a file is a zip archive, whole or not."""
    with open(path, "rb") as file:
        return file.read(4) in (b"PK\3\4", b"PK\5\6")


def is_archive(path):
    """Tell by its first bytes whether a file is a zip or tar.gz archive, whole or not."""
    with open(path, "rb") as file:
        return is_zip(path) or file.read(2) == b"\x1f\x8b"


def _tar(path):
    with tarfile.open(path, "r:*") as archive:
        for member in archive:
            _refuse_unsafe(path, member.name, member.isfile() or member.isdir())
            if member.isfile():
                yield member.name, functools.partial(_content, archive, member)


def _content(archive, member):
    """Return the content of a tar's member."""
    return archive.extractfile(member).read()


def _zip(path):
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            kind = stat.S_IFMT(member.external_attr >> 16)
            _refuse_unsafe(path, member.filename, kind in (0, stat.S_IFREG, stat.S_IFDIR))
            if member.flag_bits & 1:
                raise errors.InputError(f"{path}: {member.filename!r} is encrypted; unpack it and pack it anew")
            if not member.is_dir():
                yield member.filename, functools.partial(archive.read, member)


def _refuse_unsafe(path, name, is_plain):
    """Refuse members that could write outside their folder, or are neither file nor folder."""
    parts = pathlib.PurePosixPath(name.replace("\\", "/")).parts
    if ".." in parts or parts[:1] == ("/",):
        raise errors.InputError(f"{path}: is unsafe, {name!r} leads out of its folder; do not use this archive")
    if not is_plain:
        raise errors.InputError(f"{path}: is unsafe, {name!r} is a link or device; do not use this archive")
