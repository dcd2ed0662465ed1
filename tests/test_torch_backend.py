"""The networks on Keras' torch backend: a file written under TensorFlow gives the same images there."""

import os
import subprocess
import sys

import numpy as np
import pytest

from pix2pix_tf import discriminators, generators, translation

pytest.importorskip("torch")

CODE = """
import sys, keras, numpy as np
assert keras.backend.backend() == "torch"
network = keras.saving.load_model(sys.argv[1])
inputs = [np.load(file) for file in sys.argv[3:]]
np.save(sys.argv[2], keras.ops.convert_to_numpy(network(inputs if len(inputs) > 1 else inputs[0], training=False)))
"""
BUILD = """
import keras
assert keras.backend.backend() == "torch"
from pix2pix_tf import discriminators, generators
counts = [generators.unet(32, filters=2).count_params(), generators.resnet(32, filters=2, blocks=1).count_params()]
print(*counts, discriminators.patchgan(image_size=32, filters=2, layers=1).count_params())
"""
NETWORKS = {
    "unet": lambda: generators.unet(32, filters=4, seed=1),
    "encoder_decoder": lambda: generators.unet(32, filters=4, seed=1, skips=False),
    "resnet": lambda: generators.resnet(32, filters=4, blocks=2, seed=1),
    "patchgan": lambda: discriminators.patchgan(image_size=32, filters=4, layers=2, seed=1),
}


def run(code, *words):
    """Run Python code under the torch backend; return what it prints."""
    environment = {**os.environ, "KERAS_BACKEND": "torch"}
    words = [sys.executable, "-c", code, *map(str, words)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_torch_computes_what_tensorflow_does(tmp_path, name):
    network = NETWORKS[name]()
    random = np.random.default_rng(0)
    inputs = [random.uniform(-1, 1, (2, *one.shape[1:])).astype(np.float32) for one in network.inputs]
    files = [tmp_path / f"input{number}.npy" for number in range(len(inputs))]
    for file, values in zip(files, inputs, strict=True):
        np.save(file, values)
    translation.save(network, tmp_path / "net.keras")
    run(CODE, tmp_path / "net.keras", tmp_path / "output.npy", *files)
    expected = network(inputs if len(inputs) > 1 else inputs[0], training=False).numpy()
    assert np.std(expected) > 1e-3
    np.testing.assert_allclose(np.load(tmp_path / "output.npy"), expected, rtol=0, atol=1e-6)


@pytest.mark.slow
def test_networks_are_built_on_torch():
    counts = [
        network.count_params()
        for network in (
            generators.unet(32, filters=2),
            generators.resnet(32, filters=2, blocks=1),
            discriminators.patchgan(image_size=32, filters=2, layers=1),
        )
    ]
    assert [int(count) for count in run(BUILD).split()] == counts
