"""The noise of a generator: dropout that a seed alone decides, and no variable changed."""

import numbers

import tensorflow as tf

from pix2pix_tf import errors


def check_seed(seed):
    """Return a seed as a Python int; raise InputError unless it is one that TensorFlow's operations take."""
    if isinstance(seed, bool) or not isinstance(seed, numbers.Integral) or not 0 <= seed < 2**31:
        raise errors.InputError(f"seed is {seed!r}; expected a whole number from 0 to {2**31 - 1}")
    return int(seed)


def seed_states(network):
    """Return the variables in which the dropout layers of a network keep their seeds."""
    layers = (layer for layer in network.layers if getattr(layer, "seed_generator", None) is not None)
    return [layer.seed_generator.state for layer in layers]


def run(network, images, seed):
    """Run a network as in training, its noise decided by a seed alone, without changing any variable.

    Args:
        network: `keras.Model` of one input.
        images: (batch, height, width, channels) in [-1, 1].
        seed: int32 tensor of shape (2,); every dropout layer derives its own from it.

    Returns:
        The network's output, and the values its non-trainable variables would have after the call.
    """
    order = {id(state): number for number, state in enumerate(seed_states(network))}
    values = [
        tf.stack([seed[0], seed[1] * len(order) + order[id(variable)]]) if id(variable) in order else variable
        for variable in network.non_trainable_variables
    ]
    return network.stateless_call(network.trainable_variables, values, images, training=True)


def keep_statistics(network, values):
    """Assign moving statistics, as `run` returns them, to a network; the seeds of its noise stay as they are."""
    seeds = {id(state) for state in seed_states(network)}
    for variable, value in zip(network.non_trainable_variables, values, strict=True):
        if id(variable) not in seeds:
            variable.assign(value)
