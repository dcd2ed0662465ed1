"""Critics: how many batches a discriminator learns from before each update of the generator, and what bounds its slope.

Wasserstein's loss is the earth mover's distance between real and generated samples only while the critic's slope is 1
at most. Either its weights are clipped after every update, or a slope that is not 1 costs a penalty.

Source: Arjovsky et al. 2017, "Wasserstein GAN"; Gulrajani et al. 2017, "Improved Training of Wasserstein GANs".
"""

import math

import keras
import tensorflow as tf

from pix2pix_tf import generators, optimizers
from pix2pix_tf.system import replicas, tensorflow_kernels

CLIP = 0.01
PENALTY_WEIGHT = 10.0
OF_ONE_LOSS = {"clip": "wasserstein", "penalty_weight": "wasserstein_gp"}  # keywords that only one loss has
NORMS = ("none", "pixel", "layer", "instance", "plain_instance")  # of each sample alone; second derivatives are right
EPSILON = 1e-8
STREAM = 0x736C6F70  # keeps the places between real and fake apart from other draws of (seed, number)


def divide(examples, steps):
    """Return the examples of each of the discriminator's updates, a list of as many parts.

    They lie between each other, so that the parts of all replicas' batches make up those of the global batch.

    Args:
        examples: tensors (steps x batch, ...), None where there is nothing, in tuples and dicts.
        steps: the updates, 1 or more.
    """
    if steps == 1:
        return [examples]

    def part(first):
        return tf.nest.map_structure(lambda values: None if values is None else values[first::steps], examples)

    return [part(first) for first in range(steps)]


def bounds(config, penalty_weight=PENALTY_WEIGHT):
    """Return the largest size of a critic's weights and the weight of its penalty, None for what its loss has not.

    Args:
        config: a method's keywords, a dict.
        penalty_weight: where config has None.
    """
    usual = {"clip": CLIP, "penalty_weight": penalty_weight}
    return tuple(
        (usual[name] if config[name] is None else config[name]) if config["adversarial"] == loss else None
        for name, loss in OF_ONE_LOSS.items()
    )


def clip(network, most):
    """Clip all weights that a critic learns, scales and offsets of norms included, to sizes of `most`.

    Statistics of norms and the vectors of spectral norm are not learned and stay as they are.

    Source: Arjovsky et al. 2017, algorithm 1.
    """
    for variable in network.trainable_variables:
        clipped = tf.clip_by_value(variable.value, -most, most)
        tf.raw_ops.AssignVariableOp(resource=optimizers.handle(variable), value=clipped)  # each replica its own


def gradient_penalty(judge, real, fake, seed, number):
    """Return how far the critic's slope is from 1, squared, at random points between real and fake samples.

    The slope of a sample is the length of the gradient, over all its values, of the mean of its logits.

    Args:
        judge: function of samples that returns their logits (batch, ...); `in_float32` of a network, for instance.
        real, fake: (batch, ...), of which each replica has its own part.
        seed, number: integers that decide the points: a seed, and the number of the update.

    Returns:
        Scalar tensor; 0 is a slope of 1 everywhere, and a constant critic costs 0.9998.

    Source: Gulrajani et al. 2017, section 4, equation 3. Deviation: 1e-8 inside the root, whose slope at 0 would be
    infinite; of a PatchGAN's many logits the mean is taken, as its loss does.
    """
    count, inner = tf.shape(real)[0], range(1, len(real.shape))
    draws = tensorflow_kernels.uniform([count * replicas.count()], tf.stack([seed ^ STREAM, tf.cast(number, tf.int32)]))
    shares = tf.reshape(replicas.own_part(draws, count), [count, *(1 for _ in inner)])
    between = real + tf.cast(shares, real.dtype) * (fake - real)
    with tf.GradientTape() as tape:
        tape.watch(between)
        logits = judge(between)
        values = tf.reduce_mean(logits, axis=list(range(1, len(logits.shape))))
    squares = tf.reduce_sum(tf.square(tape.gradient(values, between)), axis=list(inner))
    return tf.reduce_mean(tf.square(tf.sqrt(squares + EPSILON) - 1))


def in_float32(network):
    """Return a critic as a function of its inputs, in training mode, for its penalty.

    It computes with the network's own weights and changes no variable. It does so in float32 (float64 for float64)
    whatever the network's precision: a slope in bfloat16 has two or three digits, and its gradient fewer.

    Args:
        network: `keras.Model`.
    """
    precise = network
    if any(layer.compute_dtype == "bfloat16" for layer in network.layers):
        precise = keras.models.clone_model(network, clone_function=_rebuild_in_float32)  # its own weights are not used

    def judge(inputs):
        logits, _ = precise.stateless_call(
            network.trainable_variables, network.non_trainable_variables, inputs, training=True
        )
        return logits

    return judge


def _rebuild_in_float32(layer):
    """Return a layer like another one that computes in float32."""
    return type(layer).from_config({**layer.get_config(), "dtype": "float32"})


def check(config):
    """Raise ValueError unless the keywords of a method that are about its critic are possible, and fit each other.

    Args:
        config: dict of keywords, "adversarial", "critic_steps", "clip" and "penalty_weight" among them.
    """
    generators.check_count("critic_steps", config["critic_steps"])
    if config["critic_steps"] > 1 and config["adversarial"] is None:
        raise ValueError(f"critic_steps is {config['critic_steps']} and adversarial None; expected a discriminator")
    if config["clip"] is not None and config["penalty_weight"] is not None:
        raise ValueError(
            f"clip is {config['clip']!r} and penalty_weight {config['penalty_weight']!r}; expected one of them: "
            "a critic's slope is bounded by clipping or by the penalty"
        )
    for name, loss in OF_ONE_LOSS.items():
        if config[name] is not None and config["adversarial"] != loss:
            raise ValueError(
                f"{name} is {config[name]!r} and adversarial {config['adversarial']!r}; "
                f"expected {loss!r}, which alone has it"
            )
    if config["clip"] is not None and not 0 < config["clip"] < math.inf:
        raise ValueError(f"clip is {config['clip']!r}; expected more than 0, such as {CLIP}")
    if config["penalty_weight"] is not None and not 0 <= config["penalty_weight"] < math.inf:
        raise ValueError(f"penalty_weight is {config['penalty_weight']!r}; expected 0 or more")


def check_norm(config, norm):
    """Raise ValueError if a critic has a norm with which its penalty has no meaning.

    Args:
        config: a method's keywords, a dict.
        norm: that of the critic, one of `blocks.NORMS`.
    """
    if config["adversarial"] == "wasserstein_gp" and norm not in NORMS:
        name = "norm" if config.get("discriminator_norm") is None else "discriminator_norm"
        raise ValueError(
            f"{name} is {norm!r}; expected a discriminator_norm of {', '.join(NORMS)} with the gradient penalty: each "
            f"sample has one of its own, and {norm!r} mixes the samples"
        )
