"""Read files of weights that PyTorch saved, without PyTorch: pickles that may name tensors, and nothing else."""

import collections
import pickle
import zipfile

import ml_dtypes
import numpy as np

from pix2pix_tf import errors

MAGIC = [0x1950A86A20F9469CFC6C, 1001]  # with which the format before PyTorch 1.6 begins
KINDS = {"Bool": "?", "Byte": "u1", "Char": "i1", "Short": "i2", "Int": "i4", "Long": "i8", "Half": "f2", "Float": "f4"}
KINDS |= {"Double": "f8", "BFloat16": ml_dtypes.bfloat16}
_Tensor = collections.namedtuple("_Tensor", "storage offset shape strides")


class _Rebuild:
    __slots__ = ()  # a pickle can set attributes of what it is given, and this stand-in has none to be set

    def __call__(self, first, *others):
        return first if isinstance(first, _Tensor) else _Tensor(first, *others[:3])


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        known = {f"torch.{kind}Storage": (np.dtype(code),) for kind, code in KINDS.items()}
        known |= {"torch._utils._rebuild_tensor_v2": _Rebuild(), "torch._utils._rebuild_parameter": _Rebuild()}
        known |= {"collections.OrderedDict": collections.OrderedDict}
        if f"{module}.{name}" not in known:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}: refused, nothing was executed")
        return known[f"{module}.{name}"]

    def persistent_load(self, identifier):
        kind, (dtype,), key, _, count = identifier[:5]
        if kind != "storage" or identifier[5:] not in ((), (None,)) or type(key) is not str or type(count) is not int:
            raise pickle.UnpicklingError("it asks for other data than a tensor's: refused, nothing was executed")
        return np.dtype(dtype), key, count


def read(path):
    """Read a state dict as `torch.save` writes it: name to NumPy array, read-only; bfloat16 becomes float32.

    Raises:
        errors.InputError: if there is no such file, it is damaged, or holds anything but named tensors. Nothing that
            it asks for is imported or called; a file made for it can still waste time and memory.
    """
    try:
        with open(path, "rb") as file:
            tensors, data = (_read_zip if file.peek(2)[:2] == b"PK" else _read_legacy)(file)
        return {name: _view(tensor, data[tensor.storage[1]]) for name, tensor in tensors.items()}
    except Exception as error:  # a damaged pickle raises errors of every type
        raise errors.InputError(f"{path}: no file of PyTorch weights, a dict of tensors ({error!r:.300})") from error


def _read_zip(file):
    with zipfile.ZipFile(file) as archive:
        (root,) = (name.removesuffix("data.pkl") for name in archive.namelist() if name.endswith("/data.pkl"))
        order = archive.read(f"{root}byteorder") if f"{root}byteorder" in archive.namelist() else b"little"
        if order != b"little" or any(member.compress_type for member in archive.infolist()):
            raise ValueError("it is compressed or of a big-endian machine, and published weights are neither")
        tensors = _Unpickler(archive.open(f"{root}data.pkl"), encoding="utf-8").load()
        return tensors, {key: archive.read(f"{root}data/{key}") for (_, key, _), *_ in tensors.values()}


def _read_legacy(file):
    magic, protocol, _, tensors, keys = (_Unpickler(file, encoding="utf-8").load() for _ in range(5))
    sizes = {key: count * dtype.itemsize for (dtype, key, count), *_ in tensors.values()}
    data = {key: file.read(8 + sizes[key])[8:] for key in keys}  # the first eight bytes are the count
    if [magic, protocol] != MAGIC or data.keys() != sizes.keys() or file.read(1):
        raise ValueError("it does not begin or end like one")
    return tensors, data


def _view(tensor, data):
    (dtype, key, count), offset, shape, strides = tensor
    view = np.ndarray(shape, dtype, data, offset * dtype.itemsize, [stride * dtype.itemsize for stride in strides])
    if len(data) != count * dtype.itemsize or view.size > count:  # NumPy has refused what reaches beyond the data
        raise ValueError(f"storage {key} has {len(data)} bytes for {count} numbers")
    return view.astype(np.float32) if dtype == ml_dtypes.bfloat16 else view
