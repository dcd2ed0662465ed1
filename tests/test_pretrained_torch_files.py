"""Files of PyTorch weights: equal to what PyTorch reads, and nothing in them is ever executed."""

import collections
import os
import pickle
import struct
import zipfile

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies

from pix2pix_tf import errors
from pix2pix_tf.pretrained import torch_files

SETTINGS = hypothesis.settings(
    deadline=None,
    derandomize=True,
    max_examples=150,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
NUMBERS = np.arange(12, dtype="<f4")


def text(value):
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def integer(value):
    return pickle.dumps(value, protocol=2)[2:-1]


def integers(values):
    return b"(" + b"".join(map(integer, values)) + b"t"


def storage(key="0", count=12, kind="FloatStorage", name="storage", more=b""):
    return b"(" + text(name) + f"ctorch\n{kind}\n".encode() + text(key) + text("cpu") + integer(count) + more + b"tQ"


def tensor(shape=(3, 4), strides=(4, 1), offset=0, data=None, function="torch._utils\n_rebuild_tensor_v2"):
    arguments = (storage() if data is None else data) + integer(offset) + integers(shape) + integers(strides) + b"\x89"
    return f"c{function}\n(".encode() + arguments + b"ccollections\nOrderedDict\n)RtR"


def state(**tensors):
    """The pickle of a state dict, instruction by instruction, as PyTorch writes it."""
    entries = b"".join(text(name) + value for name, value in tensors.items())
    attributes = b"}" + text("_metadata") + b"}sb"
    return b"\x80\x02ccollections\nOrderedDict\n)R(" + entries + b"u" + attributes + b"."


def write_zip(path, program, data=None, compression=zipfile.ZIP_STORED, **more):
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("archive/data.pkl", program)
        archive.writestr("archive/data/0", NUMBERS.tobytes() if data is None else data)
        for name, content in more.items():
            archive.writestr(f"archive/{name}", content)
    return path


def write_legacy(path, program, data=None, count=12, keys=("0",), magic=torch_files.MAGIC[0], protocol=1001):
    header = [magic, protocol, {"little_endian": True, "type_sizes": {"int": 4}}]
    content = b"".join(pickle.dumps(value, protocol=2) for value in header) + program
    content += pickle.dumps(list(keys), protocol=2) + struct.pack("<q", count)
    path.write_bytes(content + (NUMBERS.tobytes() if data is None else data))
    return path


WRITERS = [write_zip, write_legacy]


def refused(path):
    with pytest.raises(errors.InputError) as raised:
        torch_files.read(path)
    message = str(raised.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    return message


@pytest.fixture(params=WRITERS, ids=["zip", "legacy"])
def write(request, tmp_path):
    return lambda program, **options: request.param(tmp_path / "weights.pth", program, **options)


def test_a_file_made_by_hand(write):
    program = state(whole=tensor(), turned=tensor((4, 3), (1, 4)), row=tensor((4,), (1,), 4), one=tensor((), (), 11))
    found = torch_files.read(write(program))
    assert list(found) == ["whole", "turned", "row", "one"]
    np.testing.assert_array_equal(found["whole"], NUMBERS.reshape(3, 4))
    np.testing.assert_array_equal(found["turned"], NUMBERS.reshape(3, 4).T)
    np.testing.assert_array_equal(found["row"], NUMBERS[4:8])
    assert found["one"].shape == () and found["one"] == 11
    assert np.shares_memory(found["whole"], found["row"])
    assert not found["whole"].flags.writeable
    empty = torch_files.read(write(state(empty=tensor((0, 5), (5, 1)))))["empty"]
    assert empty.shape == (0, 5) and empty.dtype == np.float32


def test_a_file_of_python_2(write):
    program = state(x=tensor(data=storage().replace(text("storage"), b"U\x07storage").replace(text("0"), b"U\x010")))
    np.testing.assert_array_equal(torch_files.read(write(program))["x"], NUMBERS.reshape(3, 4))


def test_a_parameter_is_its_tensor(write):
    parameter = b"ctorch._utils\n_rebuild_parameter\n(" + tensor() + b"\x88ccollections\nOrderedDict\n)RtR"
    np.testing.assert_array_equal(torch_files.read(write(state(x=parameter)))["x"], NUMBERS.reshape(3, 4))


@pytest.mark.parametrize(
    ("kind", "dtype"), [(f"{kind}Storage", code) for kind, code in torch_files.KINDS.items() if kind != "BFloat16"]
)
def test_every_kind_of_number(write, kind, dtype):
    values = (np.arange(12) % 2).astype(dtype)
    found = torch_files.read(write(state(x=tensor(data=storage(kind=kind))), data=values.tobytes()))["x"]
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, values.reshape(3, 4))


def test_bfloat16_becomes_float32(write):
    values = (NUMBERS.view(np.uint32) >> 16).astype("<u2")
    found = torch_files.read(write(state(x=tensor(data=storage(kind="BFloat16Storage"))), data=values.tobytes()))["x"]
    np.testing.assert_array_equal(found, NUMBERS.reshape(3, 4))
    assert found.dtype == np.float32


def test_a_file_of_a_big_endian_machine_is_refused(tmp_path):
    path = write_zip(tmp_path / "x.pth", state(x=tensor()), NUMBERS.astype(">f4").tobytes(), byteorder=b"big")
    assert "big-endian" in refused(path)
    found = torch_files.read(write_zip(path, state(x=tensor()), byteorder=b"little"))
    np.testing.assert_array_equal(found["x"], NUMBERS.reshape(3, 4))


def command(path):
    return text(f"touch {path}")


MALICIOUS = {
    "reduce": lambda path: b"\x80\x02cposix\nsystem\n" + command(path) + b"\x85R.",
    "global": lambda path: b"\x80\x02cbuiltins\neval\n" + text(f"open({str(path)!r}, 'w')") + b"\x85R.",
    "instance": lambda path: b"(S'touch " + str(path).encode() + b"'\nios\nsystem\n.",
    "object": lambda path: b"(cos\nsystem\n" + command(path) + b"o.",
    "new object": lambda path: b"\x80\x02csubprocess\nPopen\n" + command(path) + b"\x85\x81.",
    "stack global": lambda path: b"\x80\x04" + text("os") + text("system") + b"\x93" + command(path) + b"\x85R.",
    "build": lambda path: b"\x80\x02ccollections\nOrderedDict\n}" + text("__reduce__") + b"Nsb.",
    "build on a tensor": lambda path: b"\x80\x02" + tensor() + b"}b.",
    "slots of a class": lambda path: b"\x80\x02ccollections\nOrderedDict\nN}" + text("get") + b"Ns\x86b.",
    "slots of a function": lambda path: b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\nN}" + text("x") + b"Ns\x86b.",
    "a new object": lambda path: b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)\x81.",
    "attribute of an allowed module": lambda path: b"\x80\x02ctorch._utils\n_rebuild_qtensor\n)R.",
    "dotted name": lambda path: b"\x80\x04" + text("collections") + text("OrderedDict.fromkeys") + b"\x93)R.",
    "extension": lambda path: b"\x80\x02\x82\x01.",
    "persistent name": lambda path: b"Pposix\n.",
    "hidden after a good entry": lambda path: state(x=tensor(), y=b"cos\nsystem\n" + command(path) + b"\x85R"),
    "in a storage": lambda path: state(x=tensor(data=b"cos\nsystem\n" + command(path) + b"\x85R")),
    "in the metadata": lambda path: state(x=tensor())[:-2] + text("os") + text("popen") + b"\x93" + b"b.",
}


@pytest.mark.parametrize("name", MALICIOUS)
def test_programs_are_refused_and_not_executed(tmp_path, write, name):
    proof = tmp_path / "executed"
    refused(write(MALICIOUS[name](proof)))
    assert not proof.exists() and collections.OrderedDict.get is dict.get


@pytest.mark.skipif(os.name != "posix", reason="the commands are a Unix shell's")
@pytest.mark.parametrize("name", ["reduce", "global", "instance", "object", "stack global"])
def test_the_programs_do_execute_in_python_itself(tmp_path, name):
    proof = tmp_path / "executed"
    pickle.loads(MALICIOUS[name](proof))
    assert proof.exists()


def test_what_is_asked_for_is_named(write):
    assert "asks for posix.system: refused, nothing was executed" in refused(write(MALICIOUS["reduce"]("x")))


def test_programs_in_the_header_of_the_old_format(tmp_path):
    path, proof = tmp_path / "weights.pth", tmp_path / "executed"
    path.write_bytes(MALICIOUS["reduce"](proof))
    assert "nothing was executed" in refused(path)
    assert not proof.exists()


DAMAGED = {
    "reaches beyond the end": tensor((3, 5), (5, 1)),
    "offset": tensor(offset=1),
    "strides": tensor(strides=(8, 1)),
    "repeated for ever": tensor((2**39,), (0,)),
    "absurd": tensor((2**30, 2**30), (2**30, 1)),
    "beyond any size": tensor((2**70,), (1,)),
    "negative size": tensor((-3, -4), (4, 1)),
    "negative stride": tensor(strides=(-4, 1)),
    "negative offset": tensor(offset=-1),
    "shape and strides differ": tensor((3, 4), (4,)),
    "too many dimensions": tensor((1,) * 70, (1,) * 70),
    "a nested dictionary": b"}",
    "a number": b"K\x05",
    "a list": b"]",
    "a storage": storage(),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_impossible_tensors(write, name):
    refused(write(state(x=DAMAGED[name])))


STORAGES = {
    "negative": storage(count=-1),
    "no number": storage(count=True),
    "no kind": storage(kind="UntypedStorage"),
    "view": storage(more=b"(K\x00K\x01t"),
    "another identifier": storage(name="module"),
}


@pytest.mark.parametrize("name", STORAGES)
def test_impossible_storages(write, name):
    refused(write(state(x=tensor(data=STORAGES[name]))))


@pytest.mark.parametrize("count", [11, 13, 2**60])
def test_a_storage_of_another_length(write, count):
    refused(write(state(x=tensor((1,), (1,), data=storage(count=count)))))


def test_other_files(tmp_path):
    path = tmp_path / "weights.pth"
    assert "No such file" in refused(path)
    assert "Is a directory" in refused(tmp_path)
    for content in (b"", b"P", b"<html>not found</html>", b"\x89HDF\r\n\x1a\n" + bytes(100), pickle.dumps([1, 2])):
        path.write_bytes(content)
        refused(path)
    refused(write_zip(path, b"\x80\x02]."))
    refused(zip_of(path, {"model.json": b"{}"}))
    refused(zip_of(path, {"a/data.pkl": b"", "b/data.pkl": b""}))
    assert "'archive/data/7'" in refused(write_zip(path, state(x=tensor(data=storage("7")))))
    assert "compressed" in refused(write_zip(path, state(x=tensor()), bytes(48), zipfile.ZIP_DEFLATED))
    refused(write_legacy(path, state(x=tensor()), keys=()))
    assert "does not begin or end like one" in refused(write_legacy(path, state(x=tensor()), protocol=1002))


def zip_of(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("cut", [0.02, 0.1, 0.3, 0.5, 0.8, 0.95, 0.999])
def test_truncated(write, cut):
    path = write(state(x=tensor(), y=tensor((12,), (1,))))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * cut)])
    refused(path)


@SETTINGS
@hypothesis.given(data=strategies.data())
@pytest.mark.parametrize("writer", WRITERS)
def test_any_damage_is_one_line_or_harmless(tmp_path, writer, data):
    path = writer(tmp_path / "weights.pth", state(x=tensor(), y=tensor((12,), (1,))))
    content = bytearray(path.read_bytes())
    places = strategies.integers(0, len(content) - 1)
    for place, value in data.draw(strategies.lists(strategies.tuples(places, strategies.integers(0, 255)), max_size=4)):
        content[place] = value
    path.write_bytes(content[: data.draw(strategies.integers(0, len(content)) | strategies.just(len(content)))])
    try:
        found = torch_files.read(path)
    except errors.InputError as error:
        assert "\n" not in str(error)
    else:
        assert all(isinstance(value, np.ndarray) for value in found.values())


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("protocol", [2, 4])
def test_equals_torch(tmp_path, zipped, protocol):
    torch = pytest.importorskip("torch", reason="the comparison needs torch")
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.Linear(8, 5))
    whole = torch.randn(6, 7, 8)
    tensors = {
        **network.state_dict(),
        "turned": whole.permute(2, 0, 1),
        "part": whole[1:4, ::2, 3],
        "shared": whole.flatten(),
        "parameter": torch.nn.Parameter(torch.randn(3)),
        "half": torch.randn(5).half(),
        "brain": torch.randn(5).bfloat16(),
        "double": torch.randn(2, 2).double(),
        "flags": torch.tensor([True, False]),
        "bytes": torch.arange(9, dtype=torch.uint8),
        "empty": torch.zeros(0, 3),
        "scalar": torch.tensor(7),
    }
    path = tmp_path / "weights.pth"
    torch.save(tensors, path, _use_new_zipfile_serialization=zipped, pickle_protocol=protocol)
    found = torch_files.read(path)
    assert list(found) == list(tensors)
    for name, value in tensors.items():
        expected = value.detach()
        np.testing.assert_array_equal(found[name], (expected.float() if name == "brain" else expected).numpy())
    assert np.shares_memory(found["part"], found["turned"])
    torch.save(network.state_dict(), path, _use_new_zipfile_serialization=zipped)
    assert list(torch_files.read(path)) == list(network.state_dict())


def test_a_whole_network_of_torch_is_refused(tmp_path):
    torch = pytest.importorskip("torch", reason="the comparison needs torch")
    torch.save(torch.nn.Linear(2, 2), tmp_path / "x.pth")
    assert "asks for torch.nn.modules.linear.Linear" in refused(tmp_path / "x.pth")
    torch.save({"state_dict": {"x": torch.zeros(1)}}, tmp_path / "x.pth")
    refused(tmp_path / "x.pth")
