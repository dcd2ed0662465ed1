"""SqueezeNet against a second computation with the same weights, and files that are something else."""

import os
import pathlib

import h5py
import numpy as np
import pytest
from scipy import signal

from pix2pix_tf import errors
from pix2pix_tf.pretrained import squeezenet

SHARED = pathlib.Path(os.environ.get("PIX2PIX_TF_SHARED") or pathlib.Path(__file__).parents[2] / "shared")
WEIGHTS = SHARED / "weights" / "squeezenet1.1_imagenet_notop.h5"
needs_weights = pytest.mark.skipif(not WEIGHTS.exists(), reason=f"the weights are not at {WEIGHTS}")
PARAMETERS = 722_496


def arrays(path):
    """Kernels and biases of a file, by layer."""
    found = {}

    def keep(name, item):
        if isinstance(item, h5py.Dataset):
            kind = name.rpartition("/")[2].removesuffix(":0")
            layer = "conv1" if name.startswith("conv1") else "/".join(name.split("/")[:2])
            found[layer, kind] = item[()].astype(np.float64)

    with h5py.File(path) as file:
        file.visititems(keep)
    return found


def convolve(image, kernel, bias, mode):
    """Correlate (height, width, in) with (rows, columns, in, out) and take the positive part."""
    planes = [
        sum(
            signal.correlate2d(image[..., channel], kernel[..., channel, each], mode)
            for channel in range(image.shape[2])
        )
        for each in range(kernel.shape[3])
    ]
    return np.maximum(np.stack(planes, axis=-1) + bias, 0)


def pool(image):
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3), axis=(0, 1))
    return windows[::2, ::2].max(axis=(-2, -1))


def by_hand(image, found):
    """The features of one prepared image, in float64 and SciPy's correlation."""
    x = pool(convolve(image, found["conv1", "kernel"], found["conv1", "bias"], "valid")[::2, ::2])
    for number in range(2, 10):
        x = pool(x) if number in (4, 6) else x
        name = f"fire{number}"
        x = convolve(x, found[f"{name}/squeeze1x1", "kernel"], found[f"{name}/squeeze1x1", "bias"], "same")
        sides = [
            convolve(x, found[f"{name}/{side}", "kernel"], found[f"{name}/{side}", "bias"], "same")
            for side in ("expand1x1", "expand3x3")
        ]
        x = np.concatenate(sides, axis=-1)
    return x.mean(axis=(0, 1))


def test_number_of_parameters():
    assert squeezenet.network().count_params() == PARAMETERS
    assert squeezenet.network().output_shape == (None, squeezenet.FEATURES)


@needs_weights
def test_features_equal_a_second_computation():
    image = np.random.default_rng(0).integers(0, 256, (1, 39, 39, 3), dtype=np.uint8)
    prepared = (image[..., ::-1] - np.float32(squeezenet.MEAN)).astype(np.float32)
    loaded = squeezenet.load(WEIGHTS)
    small = squeezenet.network(None)
    small.set_weights(loaded.get_weights())
    expected = by_hand(prepared[0].astype(np.float64), arrays(WEIGHTS))
    found = np.asarray(small(prepared, training=False))[0]
    assert expected.std() > 0.1
    np.testing.assert_allclose(found, expected, atol=1e-4 * expected.max())
    assert not loaded.trainable_variables


def test_input():
    red = np.zeros((1, 40, 60, 3), np.uint8)
    red[..., 0] = 200
    prepared = squeezenet.prepare(red)
    assert prepared.shape == (1, 227, 227, 3) and prepared.dtype == np.float32
    np.testing.assert_allclose(prepared[0, 100, 100], [-103.939, -116.779, 200 - 123.68], atol=1e-3)


def test_other_files(tmp_path):
    path = tmp_path / "net.h5"
    for reason in ("no such file", "no whole HDF5 file"):
        with pytest.raises(errors.InputError) as raised:
            squeezenet.load(path)
        assert str(raised.value) == f"{path}: {reason}; expected the weights of SqueezeNet 1.1 without top"
        path.write_bytes(b"\x89HDF\r\n\x1a\n and no more")
    with h5py.File(path, "w") as file:
        file["dense/kernel:0"] = np.zeros((3, 3))
    with pytest.raises(
        errors.InputError,
        match=r"net.h5: has nothing for the layer conv1; expected SqueezeNet 1.1's \(3, 3, 3, 64\) and",
    ):
        squeezenet.load(path)
    with h5py.File(path, "w") as file:
        file["conv1/conv1/kernel:0"] = np.zeros((7, 7, 3, 96))
        file["conv1/conv1/bias:0"] = np.zeros(96)
    with pytest.raises(errors.InputError, match=r"has \(7, 7, 3, 96\), \(96,\) for the layer conv1; expected"):
        squeezenet.load(path)


@needs_weights
def test_a_truncated_file(tmp_path):
    data = WEIGHTS.read_bytes()
    for cut in (0.01, 0.5, 0.99):
        (tmp_path / "net.h5").write_bytes(data[: int(len(data) * cut)])
        with pytest.raises(errors.InputError, match="no whole HDF5 file"):
            squeezenet.load(tmp_path / "net.h5")
