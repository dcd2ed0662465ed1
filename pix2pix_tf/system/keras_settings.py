"""Keras' settings on this machine: another project may have changed them, in its environment or in keras.json."""

import os

from pix2pix_tf import errors

BACKEND = "tensorflow"
ADVICE = "it comes from KERAS_BACKEND or ~/.keras/keras.json, or was set in this program"


def use_own():
    """Make Keras in this process what this package was written for; for commands, before Keras is imported."""
    os.environ["KERAS_BACKEND"] = BACKEND
    import keras

    keras.config.set_image_data_format("channels_last")
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)


def check_layout():
    """Raise InputError unless Keras takes the channels of images to be last."""
    import keras

    found = keras.config.image_data_format()
    if found != "channels_last":
        raise errors.InputError(
            f"Keras' image_data_format is {found!r}, and images are channels_last here; {ADVICE}: "
            'change it with keras.config.set_image_data_format("channels_last")'
        )


def check_backend():
    """Raise InputError unless Keras computes with TensorFlow, as training and translating do here."""
    import keras

    found = keras.config.backend()
    if found != BACKEND:
        raise errors.InputError(
            f"Keras computes with {found!r} here, and training needs TensorFlow; {ADVICE}: "
            "set KERAS_BACKEND=tensorflow before Python starts (networks alone run with any backend)"
        )
