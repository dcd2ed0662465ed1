"""Generators in files: written whole, under float32, and read in any precision."""

import json
import pathlib
import re
import time
import zipfile

import keras

from pix2pix_tf import blocks, errors
from pix2pix_tf.system import files, hardware


def with_dtype(generator, dtype):
    """Return a copy of the generator whose layers have another dtype policy and the same weights."""

    def rebuilt(layer):
        output = layer.name in generator.output_names and dtype != "float64"
        return type(layer).from_config({**layer.get_config(), "dtype": "float32" if output else dtype})

    copy = keras.models.clone_model(generator, clone_function=rebuilt)
    for variable, value in zip(copy.variables, generator.variables, strict=True):
        variable.assign(value)  # one by one: all weights at once would be a second copy in memory
    return copy


def with_norms(generator, kind):
    """Return the generator with another class of instance norm: the package's own, or the group norm of Keras.

    All other layers are the same, not copies.
    """
    norms = (keras.layers.GroupNormalization, blocks.InstanceNormalization)

    def replaced(layer):
        is_other = type(layer) in norms and type(layer) is not kind and layer.groups == layer.input.shape[-1]
        return kind.from_config(layer.get_config()) if is_other else layer

    copy = keras.models.clone_model(generator, clone_function=replaced)
    for variable, value in zip(copy.variables, generator.variables, strict=True):
        if variable is not value:
            variable.assign(value)
    return copy


def save(generator, path):
    """Write a generator as a `.keras` file of float32 layers, all or nothing.

    A U-Net's file needs nothing but Keras to be loaded. It is what Keras' own `save` writes of such a network, which
    would hold two copies of it in memory, and for bfloat16 a third.

    Args:
        generator: `keras.Model`.
        path: a file name ending in .keras; it appears when it is complete.
    """
    if any(layer.variable_dtype != "float32" for layer in generator.layers):
        generator = with_dtype(generator, "float32")
    generator = with_norms(generator, keras.layers.GroupNormalization)
    config = re.sub('"(mixed_)?bfloat16"', '"float32"', json.dumps(keras.saving.serialize_keras_object(generator)))
    metadata = json.dumps({"keras_version": keras.__version__, "date_saved": time.strftime("%Y-%m-%d@%H:%M:%S")})
    with files.whole(path) as unfinished:
        weights = unfinished.with_suffix(".weights.h5")  # of a killed process it is left, for the next to write over
        try:
            generator.save_weights(weights)
            with zipfile.ZipFile(unfinished, "w") as archive:
                archive.writestr("metadata.json", metadata)
                archive.writestr("config.json", config)
                archive.write(weights, "model.weights.h5")
        finally:
            weights.unlink(missing_ok=True)


def load(path, precision="auto"):
    """Read a generator that `save` wrote.

    Args:
        path: the `.keras` file.
        precision: what to compute in, see `hardware.resolve_precision`.

    Returns:
        `keras.Model`.

    Raises:
        errors.InputError: if there is no such file, or it is no generator.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise errors.InputError(f"{path}: no such file; a run writes it when it ends or is stopped by Ctrl-C")
    try:
        generator = with_norms(keras.saving.load_model(path, compile=False), blocks.InstanceNormalization)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise errors.InputError(f"{path}: not a generator saved by Keras ({str(error).splitlines()[0]})") from error
    dtype = hardware.layer_dtype(hardware.resolve_precision(precision))
    return generator if dtype == "float32" else with_dtype(generator, dtype)
