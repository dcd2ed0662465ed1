"""What the machine can do: fast bfloat16, XLA, the right use of its memory."""

import contextlib
import ctypes
import functools
import os
import pathlib
import platform

import tensorflow as tf

PRECISIONS = ("auto", "float32", "bfloat16", "float64")
CPU_FLAGS = pathlib.Path("/proc/cpuinfo")
TRIM_THRESHOLD, TOP_PAD, MMAP_MAX, ARENA_MAX = -1, -2, -4, -8  # the options of glibc's mallopt(3)


def bfloat16_is_faster():
    """Say whether this machine's own instructions for bfloat16 make it faster than float32.

    True for GPUs of compute capability 8.0 and above, and for processors with AMX, and AMD's with AVX512-BF16 (Linux
    only, where the kernel lists them). Intel's with AVX512-BF16 alone take longer than in float32, and so does
    arithmetic that is emulated.

    Returns:
        bool.
    """
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = (tf.config.experimental.get_device_details(gpu) for gpu in gpus)
        return all(detail.get("compute_capability", (0, 0)) >= (8, 0) for detail in details)
    flags = CPU_FLAGS.read_text().split() if CPU_FLAGS.exists() else []
    is_fast = "amx_bf16" in flags or ("avx512_bf16" in flags and "AuthenticAMD" in flags)
    return is_fast and computes_bfloat16()


@functools.cache
def computes_bfloat16():
    """Say whether TensorFlow can convolve in bfloat16 here, natively or not.

    It cannot where ONEDNN_MAX_CPU_ISA forbids the library below it what the processor has.
    """
    try:
        tf.nn.conv2d(tf.zeros((1, 4, 4, 1), tf.bfloat16), tf.zeros((3, 3, 1, 1), tf.bfloat16), 1, "SAME")
    except tf.errors.OpError:
        return False
    return True


def count_cores():
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def resolve_precision(precision):
    """Turn a precision as a user says it into the one that is computed in.

    Args:
        precision: "auto" (bfloat16 where it is faster, else float32), "float32", "bfloat16", or "float64" (for tests).

    Returns:
        "float32", "bfloat16" or "float64".

    Raises:
        ValueError: for bfloat16 where it cannot be computed in, and for any other word; float16 is not offered, since
            it would need loss scaling.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision is {precision!r}; expected one of {', '.join(PRECISIONS)}")
    if precision == "bfloat16" and not computes_bfloat16():
        raise ValueError(
            "precision is 'bfloat16', which TensorFlow cannot compute in here (ONEDNN_MAX_CPU_ISA may forbid it); "
            "choose float32"
        )
    if precision != "auto":
        return precision
    return "bfloat16" if bfloat16_is_faster() else "float32"


def layer_dtype(precision):
    """Return the Keras dtype policy of a resolved precision: that of bfloat16 keeps its weights in float32."""
    return "mixed_bfloat16" if precision == "bfloat16" else precision


def jit_compile():
    """Say whether the train step is compiled by XLA: on one GPU yes; on CPU it is slower, across replicas it cannot."""
    on_gpu = bool(tf.config.list_logical_devices("GPU"))
    return on_gpu and tf.distribute.get_strategy().num_replicas_in_sync == 1


def grow_gpu_memory():
    """Take GPU memory as it is needed and leave the rest to others; has no effect after the first TensorFlow op."""
    for gpu in tf.config.list_physical_devices("GPU"):
        with contextlib.suppress(RuntimeError):  # the GPU is in use already, with the setting it was given then
            tf.config.experimental.set_memory_growth(gpu, True)


def keep_freed_memory():
    """Let this process keep the memory it has freed for its next use of it, where the C library is glibc.

    A train step on CPU frees and asks again for gradients and activations of many megabytes. glibc gives such blocks
    back to the kernel at once, which clears each page anew: a tenth of the full-width step in float32. Here its pool of
    memory, the main arena, never shrinks, and threads that start later share it. A thread that has an arena of its own
    by then keeps blocks of less than 64 MiB: more than that is reserved in advance, as addresses, not as memory.

    Returns:
        Whether it is so now; False on other systems, which are left as they are.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    options = {MMAP_MAX: 0, TRIM_THRESHOLD: 2**31 - 1, TOP_PAD: 2**27, ARENA_MAX: 1}
    return all([mallopt(option, value) for option, value in options.items()])
