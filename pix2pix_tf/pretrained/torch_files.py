"""Read files of weights that PyTorch saved, without PyTorch, and without executing anything that a file asks for."""

import math
import pathlib
import struct
import sys
import zipfile

import numpy as np

from pix2pix_tf import errors
from pix2pix_tf.pretrained import pickles

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
MOST_DIMENSIONS = 32
MOST_ENTRIES = 2**40
ENTRY = {"bfloat16": np.dtype("uint16")}  # NumPy has no bfloat16


def read(path):
    """Read a state dict: named tensors, as `torch.save(network.state_dict(), path)` writes them.

    Args:
        path: a file in the zip format of PyTorch 1.6 and later, or in the format before it.

    Returns:
        Dict of name -> NumPy array, read-only; arrays that shared memory share it again, bfloat16 becomes float32.

    Raises:
        errors.InputError: if there is no such file, it is damaged or cut short, or holds anything but named tensors.
            What a pickle asks for is never imported or called.
    """
    path = pathlib.Path(path)
    try:
        with open(path, "rb") as file:
            container = _read_zip if file.read(4) == b"PK\x03\x04" else _read_legacy
            file.seek(0)
            tensors, storages = container(file, path)
    except (OSError, MemoryError) as error:
        reason = getattr(error, "strerror", None) or "it does not fit in memory"
        raise errors.InputError(f"{path}: cannot be read ({reason}); give a file of PyTorch weights") from error
    return {name: _view(tensor, storages, f"{path}: {name}") for name, tensor in tensors.items()}


def _damaged(path, reason):
    """Return the InputError for a file that is not as PyTorch wrote it."""
    return errors.InputError(f"{path}: no whole file of PyTorch weights ({reason}); fetch it again")


def _tensors(value, path):
    """Return what a pickle holds, if that is a flat dictionary of tensors."""
    if not isinstance(value, dict):
        raise errors.InputError(f"{path}: holds no state dict; expected a dictionary of named tensors")
    for name, tensor in value.items():
        if not isinstance(tensor, pickles.Tensor):
            raise errors.InputError(
                f"{path}: {name!r} is no tensor; expected a state dict, a flat dictionary of tensors"
            )
    return value


def _read_zip(file, path):
    """Read the format of PyTorch 1.6: an uncompressed zip of `data.pkl` and a file for each storage."""
    try:
        with zipfile.ZipFile(file) as archive:
            root = _root(archive, path)
            with archive.open(f"{root}/data.pkl") as pickle:
                tensors = _tensors(pickles.read(pickle, path), path)
            order = archive.read(f"{root}/byteorder") if f"{root}/byteorder" in archive.namelist() else b"little"
            used = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
            return tensors, {
                key: _numbers(archive.read(f"{root}/data/{key}"), storage, path, order.decode())
                for key, storage in used.items()
            }
    except errors.InputError:
        raise
    except (zipfile.BadZipFile, EOFError, KeyError, RuntimeError, ValueError, struct.error) as error:
        raise _damaged(path, str(error.args[0]) if error.args else "it ends early") from error


def _root(archive, path):
    """Return the folder in which everything lies, after a look at the sizes: PyTorch compresses nothing."""
    members = archive.infolist()
    packed = any(member.compress_type != zipfile.ZIP_STORED for member in members)
    if packed or sum(member.file_size for member in members) > path.stat().st_size:
        raise _damaged(path, "it claims to unpack to more than its size")
    roots = [member.filename.removesuffix("/data.pkl") for member in members if member.filename.endswith("/data.pkl")]
    if len(roots) != 1:
        raise _damaged(path, f"a zip with {len(roots)} files named data.pkl")
    return roots[0]


def _read_legacy(file, path):
    """Read the format before PyTorch 1.6: five pickles, then every storage as its count and its numbers."""
    header = pickles.read(file, path)
    if header != MAGIC:
        raise errors.InputError(f"{path}: no file of PyTorch weights (it does not begin like one)")
    if pickles.read(file, path) != PROTOCOL or not isinstance(pickles.read(file, path), dict):
        raise _damaged(path, "an unknown version of the format")
    tensors = _tensors(pickles.read(file, path), path)
    keys = pickles.read(file, path)
    used = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
    if not isinstance(keys, list) or not all(type(key) is str for key in keys) or set(keys) != set(used):
        raise _damaged(path, "its list of storages is another than its tensors'")
    return tensors, {key: _next_storage(file, used[key], path) for key in keys}


def _next_storage(file, storage, path):
    """Read a storage of the old format, always little-endian."""
    if int.from_bytes(file.read(8), "little", signed=True) != storage.count:
        raise _damaged(path, f"storage {storage.key} has another length than its tensors say")
    size = storage.count * _entry(storage).itemsize
    if size > path.stat().st_size - file.tell():
        raise _damaged(path, f"storage {storage.key} is cut short")
    return _numbers(file.read(size), storage, path, "little")


def _entry(storage):
    """Return the type of an entry as it lies in the file."""
    return ENTRY.get(storage.dtype) or np.dtype(storage.dtype)


def _numbers(data, storage, path, order):
    """Return a storage as a flat array in this machine's byte order."""
    entry = _entry(storage)
    if order not in ("little", "big") or len(data) != storage.count * entry.itemsize:
        raise _damaged(path, f"storage {storage.key} has {len(data)} bytes for {storage.count} {storage.dtype}")
    numbers = np.frombuffer(data, entry)
    if order != sys.byteorder:
        numbers = numbers.byteswap()
    if storage.dtype == "bfloat16":  # the upper half of a float32
        numbers = (numbers.astype(np.uint32) << 16).view(np.float32)
    return numbers


def _view(tensor, storages, name):
    """Return a tensor as a view of its storage, once all of it lies inside."""
    numbers, shape, strides = storages[tensor.storage.key], tensor.shape, tensor.strides
    if not (_are_sizes(shape) and _are_sizes(strides) and _are_sizes((tensor.offset,)) and len(shape) == len(strides)):
        raise errors.InputError(f"{name}: has an impossible shape; fetch the file again")
    if 0 in shape and math.prod(size or 1 for size in shape) <= MOST_ENTRIES:
        return np.zeros(shape, numbers.dtype)
    last = tensor.offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
    if math.prod(shape) > len(numbers) or last >= len(numbers):
        raise errors.InputError(f"{name}: reaches beyond the file's numbers; fetch the file again")
    steps = [stride * numbers.itemsize if size > 1 else 0 for size, stride in zip(shape, strides, strict=True)]
    return np.lib.stride_tricks.as_strided(numbers[tensor.offset :], shape, steps, writeable=False)


def _are_sizes(values):
    """Say whether these are the sizes of an array's dimensions, or what else is counted in entries."""
    return (
        isinstance(values, tuple)
        and len(values) <= MOST_DIMENSIONS
        and all(type(value) is int and 0 <= value <= MOST_ENTRIES for value in values)
    )
