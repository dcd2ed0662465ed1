"""Generators in files: written whole, under float32, and read in any precision."""

import json
import pathlib
import re
import time
import zipfile

import keras

from pix2pix_tf import blocks, convolutions, errors, generators
from pix2pix_tf.system import files, hardware


def with_dtype(generator, dtype):
    """Return a copy of a generator with its weights and another dtype policy of its layers (`hardware.layer_dtype`)."""
    precise = {*generator.output_names, *generators.PRECISE} | {
        layer.name for layer in generator.layers if _makes_image(layer, generator)
    }

    def rebuilt(layer):
        keeps = layer.name in precise and dtype != "float64"
        return type(layer).from_config({**layer.get_config(), "dtype": "float32" if keeps else dtype})

    copy = keras.models.clone_model(generator, clone_function=rebuilt)
    for variable, value in zip(copy.variables, generator.variables, strict=True):
        variable.assign(value)  # one by one: all weights at once would be a second copy in memory
    return copy


def _makes_image(layer, generator):
    """Say whether a layer enlarges to the image itself: `generators.unet` has it in float32."""
    users = {node.operation.name for node in layer._outbound_nodes}
    return type(layer) is convolutions.EnlargingConvolution and users == set(generator.output_names)


def _to_plain(layer):
    """Return what does in Keras alone what a layer of this package does, or the layer itself.

    The package's layers are there for their faster gradients; what they compute is an operation or a layer of Keras.
    """
    if isinstance(layer, blocks.InstanceNormalization):
        return keras.layers.GroupNormalization.from_config(layer.get_config())
    if type(layer) is blocks.Dropout:
        return keras.layers.Dropout.from_config(layer.get_config())
    if type(layer) is blocks.ReflectionPadding2D:
        sides = [[0, 0], [layer.padding] * 2, [layer.padding] * 2, [0, 0]]
        return lambda images: keras.ops.pad(images, sides, mode="reflect")
    if type(layer) is blocks.WithoutFirst:
        return keras.layers.Cropping2D(((1, 0), (1, 0)), name=layer.name)
    if type(layer) is convolutions.EnlargingConvolution:
        larger = keras.layers.UpSampling2D(2, name=f"{layer.name}_larger")
        convolution = keras.layers.Conv2D(layer.filters, 3, padding="same", use_bias=layer.use_bias, name=layer.name)
        return lambda images: convolution(larger(images))
    return layer


def _to_own(layer):
    """Return the layer of this package for what `_to_plain` makes of it; anything else as it is."""
    if type(layer) is keras.layers.GroupNormalization and layer.groups in (1, layer.input.shape[-1]):
        kind = blocks.LayerNormalization if layer.groups == 1 else blocks.InstanceNormalization
        return kind.from_config(layer.get_config())
    if type(layer) is keras.layers.Dropout:
        return blocks.Dropout.from_config(layer.get_config())
    if type(layer).__name__ == "Pad" and getattr(layer, "mode", None) == "reflect":
        own = blocks.ReflectionPadding2D((layer.output.shape[1] - layer.input.shape[1]) // 2)
        return lambda images, **_: own(images)  # the operation's own arguments are left out
    if type(layer) is keras.layers.Cropping2D and layer.cropping == ((1, 0), (1, 0)):
        return blocks.WithoutFirst(name=layer.name)
    if _is_enlarging(layer):
        return lambda images: images  # the convolution behind it does both
    if type(layer) is keras.layers.Conv2D and _is_enlarging(layer.input._keras_history.operation):
        return convolutions.EnlargingConvolution(layer.filters, layer.use_bias, name=layer.name)
    return layer


def _is_enlarging(layer):
    """Say whether a layer doubles by the nearest pixel for one plain convolution 3x3 alone."""
    if type(layer) is not keras.layers.UpSampling2D or (layer.size, layer.interpolation) != ((2, 2), "nearest"):
        return False
    users = [node.operation for node in layer._outbound_nodes]
    if len(users) != 1 or type(users[0]) is not keras.layers.Conv2D:
        return False
    found = [getattr(users[0], name) for name in ("kernel_size", "strides", "padding", "dilation_rate", "groups")]
    return found == [(3, 3), (1, 1), "same", (1, 1), 1] and users[0].activation is keras.activations.linear


def _with_layers(generator, replace):
    """Return the generator with some of its layers replaced; all others are the same, not copies.

    A layer more or less changes the order in which a network with branches lists its layers; their names stay.
    """
    copy = keras.models.clone_model(generator, clone_function=replace)
    old = {layer.name: layer for layer in generator.layers}
    for layer in copy.layers:
        for variable, value in zip(layer.variables, old[layer.name].variables if layer.variables else (), strict=True):
            if variable is not value:
                variable.assign(value)
    return copy


def save(generator, path):
    """Write a generator as a `.keras` file of float32 layers, all or nothing.

    The file needs nothing but Keras to be loaded. It is what Keras' own `save` writes of such a network, which holds
    further copies of it in memory: a process that saves the paper's U-Net peaks at 1,193 MiB that way and at 1,023 this
    way, from bfloat16 at 1,387 and 1,023 (955 before it saves; ResNet with 9 blocks: 753, 802 and 711).

    Args:
        generator: `keras.Model`.
        path: a file name ending in .keras; it appears when it is complete.
    """
    if any(layer.variable_dtype != "float32" for layer in generator.layers):
        generator = with_dtype(generator, "float32")
    generator = _with_layers(generator, _to_plain)
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


def check_whole(path):
    """Raise `zipfile.BadZipFile` if a byte of a `.keras` file has changed since it was written."""
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
        if damaged:
            raise zipfile.BadZipFile(f"{damaged} is damaged")


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
    if not path.exists():
        raise errors.InputError(f"{path}: no such file; a run writes it when it ends or is stopped by Ctrl-C")
    try:
        check_whole(path)
        generator = keras.saving.load_model(path, compile=False)
        if isinstance(generator, keras.Sequential):
            generator = keras.Model(generator.inputs, generator.outputs)
        generator = _with_layers(generator, _to_own)
    except MemoryError:
        raise
    except Exception as error:  # what is damaged fails anywhere in Keras, zipfile or HDF5, by errors of many types
        reason = (str(error).splitlines() or [type(error).__name__])[0].strip() or type(error).__name__
        raise errors.InputError(f"{path}: not a generator saved by Keras ({reason})") from error
    try:
        dtype = hardware.layer_dtype(hardware.resolve_precision(precision))
    except ValueError as error:
        raise errors.InputError(f"{path}: {error}") from error
    return generator if dtype == "float32" else with_dtype(generator, dtype)
