import os
import platform
import subprocess
import sys

import pytest
import tensorflow as tf

from pix2pix_tf.system import hardware


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """Return a function that makes the machine have these processor flags and GPUs of these compute capabilities."""

    def pretend(flags=None, gpus=(), vendor="AuthenticAMD"):
        cpuinfo = tmp_path / "cpuinfo"
        if flags is not None:
            cpuinfo.write_text(f"vendor_id\t: {vendor}\nflags\t\t: fpu avx512f {flags} sse4_2\n\nprocessor\t: 1\n")
        details = [{"device_name": "GPU", **({"compute_capability": gpu} if gpu else {})} for gpu in gpus]
        numbers = list(range(len(details)))
        monkeypatch.setattr(hardware, "CPU_FLAGS", cpuinfo)
        monkeypatch.setattr(hardware, "computes_bfloat16", lambda: True)
        monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: numbers if kind == "GPU" else [])
        monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind=None: numbers if kind == "GPU" else [])
        monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda number: details[number])

    return pretend


@pytest.mark.parametrize(
    ("flags", "precision"),
    [
        ("avx512_bf16", "bfloat16"),
        ("amx_tile amx_bf16", "bfloat16"),
        ("avx512_vnni", "float32"),
        ("avx512_bf16x", "float32"),
        (None, "float32"),
    ],
)
def test_auto_asks_the_processor(machine, flags, precision):
    machine(flags)
    assert hardware.resolve_precision("auto") == precision


@pytest.mark.parametrize(
    ("flags", "precision"),
    [("avx512_bf16", "float32"), ("avx512_bf16 amx_bf16", "bfloat16"), ("avx512_vnni", "float32")],
)
def test_auto_leaves_bfloat16_where_intel_computes_it_slowly(machine, flags, precision):
    machine(flags, vendor="GenuineIntel")
    assert hardware.resolve_precision("auto") == precision


@pytest.mark.parametrize(
    ("gpus", "precision"),
    [
        ([(8, 0)], "bfloat16"),
        ([(9, 0), (8, 6)], "bfloat16"),
        ([(7, 5)], "float32"),
        ([(8, 0), (7, 0)], "float32"),
        ([None], "float32"),
    ],
)
def test_auto_asks_every_gpu_and_not_the_processor_beside_it(machine, gpus, precision):
    machine("avx512_bf16", gpus)
    assert hardware.resolve_precision("auto") == precision


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float64"])
def test_a_named_precision_is_taken_on_any_machine(machine, precision):
    machine("")
    assert hardware.resolve_precision(precision) == precision


@pytest.mark.parametrize("precision", ["float16", "mixed_float16", "half", "bf16", "AUTO", "", None, 32])
def test_another_precision_is_refused(precision):
    with pytest.raises(ValueError, match="expected one of auto, float32, bfloat16, float64"):
        hardware.resolve_precision(precision)


def test_bfloat16_is_a_policy_with_float32_weights():
    policies = {precision: hardware.layer_dtype(precision) for precision in ("float32", "bfloat16", "float64")}
    assert policies == {"float32": "float32", "bfloat16": "mixed_bfloat16", "float64": "float64"}


def test_xla_compiles_on_one_gpu_only(machine):
    machine("")
    assert hardware.jit_compile() is False
    machine("", [(9, 0)])
    assert hardware.jit_compile() is True


def test_xla_does_not_compile_across_replicas(machine, monkeypatch):
    machine("", [(9, 0), (9, 0)])
    replicas = type("Strategy", (), {"num_replicas_in_sync": 2})
    monkeypatch.setattr(tf.distribute, "get_strategy", replicas)
    assert hardware.jit_compile() is False


def test_gpu_memory_grows_on_every_gpu(machine, monkeypatch):
    grown = {}
    machine("", [(9, 0), (9, 0)])
    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", grown.__setitem__)
    hardware.grow_gpu_memory()
    assert grown == {0: True, 1: True}


def test_gpu_memory_in_use_already_is_left_as_it_is(machine, monkeypatch):
    def refuse(gpu, enable):
        raise RuntimeError("Physical devices cannot be modified after being initialized")

    machine("", [(9, 0)])
    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", refuse)
    hardware.grow_gpu_memory()


FAULTS = """
import concurrent.futures, ctypes, resource, sys
from pix2pix_tf.system import hardware

library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
early, late = (concurrent.futures.ThreadPoolExecutor(1) for _ in range(2))
early.submit(list).result()  # its thread starts, and has an arena of its own
kept = hardware.keep_freed_memory() if sys.argv[1] == "kept" else None

def faults(size):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    blocks = [ctypes.c_void_p(library.malloc(ctypes.c_size_t(size))) for _ in range(2)]
    for block in blocks:
        library.memset(block, 1, ctypes.c_size_t(size))
    for block in blocks:
        library.free(block)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

def lasting(size, thread=None):
    return [thread.submit(faults, size).result() if thread else faults(size) for _ in range(4)][-1]

heap, less = 2**26, 40 * 2**20  # the size of the heaps of an arena that is not the main one, and less
with early, late:
    print(kept, lasting(heap), lasting(less), lasting(heap, late), lasting(less, late), lasting(less, early))
"""


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the setting is glibc's")
def test_freed_memory_is_kept_and_used_again_without_page_faults():
    kept, given_back = (
        subprocess.run([sys.executable, "-c", FAULTS, word], capture_output=True, text=True, check=True).stdout.split()
        for word in ("kept", "given back")
    )
    assert kept[0] == "True" and all(int(faults) < 100 for faults in kept[1:])
    assert given_back[0] == "None" and all(int(faults) > 1000 for faults in given_back[1:])


def test_memory_is_left_as_it_is_where_the_library_is_not_glibc(monkeypatch):
    monkeypatch.setattr(hardware.platform, "libc_ver", lambda: ("", ""))
    assert hardware.keep_freed_memory() is False


FORBIDDEN = """
from pix2pix_tf.system import hardware
assert hardware.resolve_precision("auto") == ("bfloat16" if hardware.bfloat16_is_faster() else "float32")
try:
    assert hardware.computes_bfloat16() and hardware.resolve_precision("bfloat16") == "bfloat16"
except (AssertionError, ValueError):
    assert not hardware.computes_bfloat16() and not hardware.bfloat16_is_faster()
from pix2pix_tf import pix2pix
import numpy as np
assert np.isfinite(pix2pix.Pix2Pix(32, filters=2).translate(np.zeros((1, 32, 32, 3), np.float32))).all()
"""


@pytest.mark.slow
def test_auto_computes_whatever_the_environment_forbids():
    environment = {**os.environ, "ONEDNN_MAX_CPU_ISA": "AVX2"}
    done = subprocess.run(
        [sys.executable, "-c", FORBIDDEN], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-1500:]
