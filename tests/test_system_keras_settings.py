"""What other projects have set in Keras changes nothing in a command, and is one line in Python."""

import json
import os
import subprocess
import sys

import keras
import pytest

from pix2pix_tf import discriminators, errors, generators, pix2pix
from pix2pix_tf.evaluation import segmenter
from pix2pix_tf.pretrained import inception, squeezenet


@pytest.fixture
def channels_first():
    keras.config.set_image_data_format("channels_first")
    yield
    keras.config.set_image_data_format("channels_last")


@pytest.mark.parametrize(
    "build",
    [
        lambda: generators.unet(16, filters=2),
        lambda: generators.resnet(16, filters=2, blocks=0),
        lambda: discriminators.patchgan(image_size=16, filters=2, layers=1),
        lambda: pix2pix.Pix2Pix(16, filters=2),
        lambda: segmenter.network(16, 3),
        inception.network,
        squeezenet.network,
    ],
    ids=["unet", "resnet", "patchgan", "pix2pix", "segmenter", "inception", "squeezenet"],
)
def test_channels_first_is_refused_in_one_line(channels_first, build):
    with pytest.raises(errors.InputError, match="image_data_format is 'channels_first'.*keras.json") as raised:
        build()
    assert "\n" not in str(raised.value)


def test_another_backend_is_refused_in_one_line(monkeypatch):
    monkeypatch.setattr(keras.config, "backend", lambda: "jax")
    with pytest.raises(errors.InputError, match="Keras computes with 'jax' here.*KERAS_BACKEND=tensorflow"):
        pix2pix.Pix2Pix(16, filters=2)


@pytest.mark.slow
def test_a_command_does_not_care(tmp_path):
    """A keras.json and an environment of another project; what is trained is the same."""
    settings = {"backend": "jax", "image_data_format": "channels_first", "floatx": "float16", "epsilon": 0.1}
    (tmp_path / "keras").mkdir()
    (tmp_path / "keras" / "keras.json").write_text(json.dumps(settings))
    words = [sys.executable, "-c", "from pix2pix_tf.cli import app; app.main()", "train", "--image-size", "32"]
    words += ["--filters", "2", "--steps", "2", "--precision", "float32"]
    foreign = {**os.environ, "KERAS_HOME": str(tmp_path / "keras"), "KERAS_BACKEND": "torch"}
    for name, environment in (("own", os.environ), ("foreign", foreign)):
        done = subprocess.run([*words, "--out", name], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    first, second = (
        (tmp_path / name / "history.csv").read_text().splitlines()[1].split(",")[:-1] for name in ("own", "foreign")
    )
    assert first == second
