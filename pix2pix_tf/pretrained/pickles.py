"""Read the pickle of a PyTorch state dict without unpickling it.

A pickle is a program for a stack machine, and Python's own machine imports and calls whatever the program names. This
one knows the twenty-odd instructions that a dictionary of tensors needs, and has no way to import or call anything.
"""

import dataclasses
import pickletools

from pix2pix_tf import errors

MAPPING = "collections.OrderedDict"
PARAMETER = "torch._utils._rebuild_parameter"
TENSOR = "torch._utils._rebuild_tensor_v2"
STORAGES = {  # what an entry of each takes in the file
    "BFloat16Storage": "bfloat16",
    "BoolStorage": "bool",
    "ByteStorage": "uint8",
    "CharStorage": "int8",
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "IntStorage": "int32",
    "LongStorage": "int64",
    "ShortStorage": "int16",
}
NAMES = {MAPPING, PARAMETER, TENSOR} | {f"torch.{storage}" for storage in STORAGES}
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
LITERALS = {"BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE", "SHORT_BINUNICODE"}
LITERALS |= {"BINSTRING", "SHORT_BINSTRING"}  # what Python 2 wrote
FIXED_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
STORE = {"BINPUT", "LONG_BINPUT", "MEMOIZE"}
FETCH = {"BINGET", "LONG_BINGET"}
IGNORED = {"PROTO", "FRAME"}


@dataclasses.dataclass(frozen=True, eq=False)
class Name:
    """A name in a pickle, `module.object`: it stands for itself, never for the thing."""

    name: str


@dataclasses.dataclass(frozen=True, eq=False)
class Storage:
    """A run of numbers that lies elsewhere in the file: its key, its kind of number and how many there are."""

    key: str
    dtype: str
    count: int


@dataclasses.dataclass(frozen=True, eq=False)
class Tensor:
    """A view of a storage, as the pickle describes it, unchecked."""

    storage: Storage
    offset: int
    shape: tuple
    strides: tuple


class _Mark:
    """Where a list of arguments begins on the stack."""


class _Machine:
    """The stack and the memory of one pickle."""

    def __init__(self, path):
        self.path = path
        self.stack = []
        self.memory = {}

    def refuse(self, wish):
        """Return the InputError for something that no dictionary of tensors needs."""
        return errors.InputError(
            f"{self.path}: asks for {wish}, and a file of weights holds tensors only; refused, nothing was executed"
        )

    def step(self, code, argument):
        """Carry out one instruction."""
        if code in CONSTANTS:
            self.stack.append(CONSTANTS[code])
        elif code in LITERALS:
            self.stack.append(argument)
        elif code in FIXED_TUPLES:
            self.stack.append(tuple(self.pop(FIXED_TUPLES[code])))
        elif code in STORE:
            self.memory[len(self.memory) if code == "MEMOIZE" else argument] = self.stack[-1]
        elif code in FETCH:
            self.stack.append(self.memory[argument])
        elif code not in IGNORED:
            method = getattr(self, f"do_{code.lower()}", None)
            if method is None:
                raise self.refuse(f"the instruction {code}{'' if argument is None else f' {str(argument)[:80]!r}'}")
            method(argument)

    def pop(self, count):
        """Take the last `count` values from the stack."""
        values = [self.stack.pop() for _ in range(count)]
        if any(isinstance(value, _Mark) for value in values):
            raise IndexError("a list of arguments ends too early")
        return values[::-1]

    def pop_to_mark(self):
        """Take all values since the last mark, and the mark."""
        values = []
        while not isinstance(value := self.stack.pop(), _Mark):
            values.append(value)
        return values[::-1]

    def do_mark(self, _):
        """Begin a list of arguments."""
        self.stack.append(_Mark())

    def do_empty_dict(self, _):
        """Begin a dictionary."""
        self.stack.append({})

    def do_empty_list(self, _):
        """Begin a list."""
        self.stack.append([])

    def do_tuple(self, _):
        """Make a tuple of all values since the mark."""
        self.stack.append(tuple(self.pop_to_mark()))

    def do_append(self, _):
        """Add a value to a list."""
        self.extend(self.pop(1))

    def do_appends(self, _):
        """Add all values since the mark to a list."""
        self.extend(self.pop_to_mark())

    def extend(self, values):
        """Add values to the list at the top of the stack."""
        if not isinstance(self.stack[-1], list):
            raise self.refuse("values added to something else than a list")
        self.stack[-1].extend(values)

    def do_setitem(self, _):
        """Enter a name and its value in a dictionary."""
        self.update(self.pop(2))

    def do_setitems(self, _):
        """Enter names and values since the mark in a dictionary."""
        self.update(self.pop_to_mark())

    def update(self, pairs):
        """Enter names and values in the dictionary at the top of the stack."""
        if not isinstance(self.stack[-1], dict) or not all(type(name) is str for name in pairs[::2]):
            raise self.refuse("entries other than names in a dictionary")
        self.stack[-1].update(zip(pairs[::2], pairs[1::2], strict=True))

    def do_global(self, argument):
        """Note a name, given as "module object"."""
        self.note(argument.replace(" ", "."))

    def do_stack_global(self, _):
        """Note a name, whose two parts lie on the stack."""
        parts = self.pop(2)
        if not all(type(part) is str for part in parts):
            raise self.refuse("a name that is no text")
        self.note(".".join(parts))

    def note(self, name):
        """Put a name on the stack if it is one of those that a state dict needs."""
        if name not in NAMES:
            raise self.refuse(name[:80])
        self.stack.append(Name(name))

    def do_binpersid(self, _):
        """Describe a storage: ("storage", type, key, device, count), in old files a None at the end."""
        found = self.pop(1)[0]
        known = isinstance(found, tuple) and len(found) in (5, 6) and found[0] == "storage"
        if not known or found[5:] not in ((), (None,)):
            raise self.refuse("data other than a tensor's")
        _, kind, key, _, count = found[:5]
        dtype = STORAGES.get(kind.name.removeprefix("torch.")) if isinstance(kind, Name) else None
        if dtype is None or type(key) is not str or type(count) is not int or count < 0:
            raise self.refuse("data of no kind of number, or of an impossible size")
        self.stack.append(Storage(key, dtype, count))

    def do_reduce(self, _):
        """Describe what a function would have made: an empty dictionary, a tensor, or a parameter around one."""
        function, arguments = self.pop(2)
        name = function.name if isinstance(function, Name) and isinstance(arguments, tuple) else None
        if name == MAPPING and not arguments:
            self.stack.append({})
        elif name == TENSOR and len(arguments) >= 4 and isinstance(arguments[0], Storage):
            self.stack.append(Tensor(*arguments[:4]))
        elif name == PARAMETER and arguments and isinstance(arguments[0], Tensor):
            self.stack.append(arguments[0])
        else:
            raise self.refuse(f"a call of {name or 'something that has no name'} with other arguments than a tensor's")

    def do_build(self, _):
        """Drop the attributes of a dictionary (PyTorch keeps version numbers there)."""
        self.pop(1)
        if not isinstance(self.stack[-1], dict):
            raise self.refuse("attributes of something else than a dictionary")


def read(file, path):
    """Read one pickle from where a file stands, leaving it behind the pickle's end.

    Args:
        file: a binary file.
        path: its name, for messages.

    Returns:
        The value: dictionaries with names, lists, tuples, numbers, strings, None, `Tensor`, `Storage` and `Name`.

    Raises:
        errors.InputError: if it is no whole pickle, or names anything that a dictionary of tensors does not need.
    """
    machine = _Machine(path)
    try:
        for instruction, argument, _ in pickletools.genops(file):
            if instruction.name == "STOP":
                return machine.pop(1)[0]
            machine.step(instruction.name, argument)
    except errors.InputError:
        raise
    except (ValueError, IndexError, KeyError, UnicodeDecodeError, OverflowError) as error:
        reason = str(error).splitlines()[0][:80] if str(error) else "it ends early"
        raise errors.InputError(f"{path}: no whole file of PyTorch weights ({reason}); fetch it again") from error
