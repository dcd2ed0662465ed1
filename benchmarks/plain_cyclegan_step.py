"""Time the CycleGAN step as one writes it down first: the measuring stick for `cyclegan_step.py`.

The form is that of the widely read tutorials. Under one persistent tape every image passes a generator by itself (two
translations, two cycles, two identities) and every image passes a discriminator by itself (two real, two translated,
which serve both sides' losses; there is no image pool). Each of the four networks has a total loss, both generators'
with the whole cycle loss in it; four times the tape is asked for the gradients, and each time it goes back through all
that the loss depends on; four stock Keras Adams apply them. The networks are the package's layer by layer and number
by number; norms and padding are computed by what Keras has for them. Float32.

    python benchmarks/plain_cyclegan_step.py [--steps 12] [--image-size 128] [--blocks 6]
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import plain_step
import tensorflow as tf

from pix2pix_tf import blocks, discriminators, generators

NORM = "plain_instance"


def main():
    """Read the command line, time the steps, print their median."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--image-size", type=int, default=128)
    parser.add_argument("--blocks", type=int, default=6)
    options = parser.parse_args()
    step = make_step(options.image_size, options.blocks)
    shape = (1, options.image_size, options.image_size, 3)
    real_a, real_b = (tf.random.uniform(shape, -1, 1, seed=seed) for seed in range(2))
    median = plain_step.median_milliseconds(lambda: step(real_a, real_b), options.steps)
    print(f"plain CycleGAN step: median {median:.1f} ms")


def make_step(image_size, count):
    """Return the step as a function of images of A and of B."""
    to_a, to_b = (stock(generators.resnet(image_size, blocks=count, norm=NORM)) for _ in range(2))
    judge_a, judge_b = (stock(discriminators.patchgan(None, norm=NORM, image_size=image_size)) for _ in range(2))
    networks = [to_a, to_b, judge_a, judge_b]
    adams = [keras.optimizers.Adam(2e-4, beta_1=0.5) for _ in networks]
    for adam, network in zip(adams, networks, strict=True):
        adam.build(network.trainable_variables)
    squared, absolute = keras.losses.MeanSquaredError(), keras.losses.MeanAbsoluteError()

    def generator_loss(fake_logits):
        return squared(tf.ones_like(fake_logits), fake_logits)

    def discriminator_loss(real_logits, fake_logits):
        real_loss = squared(tf.ones_like(real_logits), real_logits)
        return 0.5 * (real_loss + squared(tf.zeros_like(fake_logits), fake_logits))

    @tf.function
    def step(real_a, real_b):
        with tf.GradientTape(persistent=True) as tape:
            fake_b = to_b(real_a, training=True)
            cycled_a = to_a(fake_b, training=True)
            fake_a = to_a(real_b, training=True)
            cycled_b = to_b(fake_a, training=True)
            same_a = to_a(real_a, training=True)
            same_b = to_b(real_b, training=True)
            real_logits_a = judge_a(real_a, training=True)
            real_logits_b = judge_b(real_b, training=True)
            fake_logits_a = judge_a(fake_a, training=True)
            fake_logits_b = judge_b(fake_b, training=True)
            cycle = 10.0 * (absolute(real_a, cycled_a) + absolute(real_b, cycled_b))
            totals = [
                generator_loss(fake_logits_a) + cycle + 5.0 * absolute(real_a, same_a),
                generator_loss(fake_logits_b) + cycle + 5.0 * absolute(real_b, same_b),
                discriminator_loss(real_logits_a, fake_logits_a),
                discriminator_loss(real_logits_b, fake_logits_b),
            ]
        gradients = [
            tape.gradient(total, network.trainable_variables) for total, network in zip(totals, networks, strict=True)
        ]
        for adam, gradient, network in zip(adams, gradients, networks, strict=True):
            adam.apply_gradients(zip(gradient, network.trainable_variables, strict=True))
        return totals

    return step


def stock(network):
    """Return the network with the layers of Keras and TensorFlow in the place of the package's own."""

    def replaced(layer):
        if isinstance(layer, blocks.PlainInstanceNormalization):
            return keras.layers.GroupNormalization(-1, epsilon=blocks.NORM_EPSILON, scale=False, center=False)
        if isinstance(layer, blocks.WithoutFirst):
            return keras.layers.Cropping2D(((1, 0), (1, 0)))
        if isinstance(layer, blocks.ReflectionPadding2D):
            sides = [[0, 0], [layer.padding] * 2, [layer.padding] * 2, [0, 0]]
            return keras.layers.Lambda(lambda images: tf.pad(images, sides, "REFLECT"))
        return type(layer).from_config(layer.get_config())

    return keras.models.clone_model(network, clone_function=replaced)


if __name__ == "__main__":
    main()
