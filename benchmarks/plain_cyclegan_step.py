"""Time the CycleGAN step as one writes it down first: the measuring stick for `cyclegan_step.py`.

Each player's losses are written as functions of the two real images. Under a persistent tape every image passes a
generator by itself (two translations, two cycles, two identities); each generator has a total loss with the whole cycle
loss in it, and its gradient goes back through all that it depends on. Then the discriminators' losses, under a tape of
their own, start from the real images again: both are translated anew. There is no image pool. Four stock Keras Adams.
With --shared the discriminators are given the generators' translations and the logits of them, all under the one
persistent tape, as in the tutorials. The networks are the package's layer by layer and number by number; norms and
padding are computed by what Keras has for them. Float32.

    python benchmarks/plain_cyclegan_step.py [--steps 12] [--image-size 128] [--blocks 6] [--shared]
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf

import plain_step
from pix2pix_tf import blocks, discriminators, generators

NORM = "plain_instance"
squared, absolute = keras.losses.MeanSquaredError(), keras.losses.MeanAbsoluteError()


def main():
    """Read the command line, time the steps, print their median."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--image-size", type=int, default=128)
    parser.add_argument("--blocks", type=int, default=6)
    parser.add_argument("--shared", action="store_true", help="translate once for both players")
    options = parser.parse_args()
    step = make_step(options.image_size, options.blocks, options.shared)
    shape = (1, options.image_size, options.image_size, 3)
    real_a, real_b = (tf.random.uniform(shape, -1, 1, seed=seed) for seed in range(2))
    median = plain_step.median_milliseconds(lambda: step(real_a, real_b), options.steps)
    print(f"plain CycleGAN step: median {median:.1f} ms")


def make_step(image_size, count, shared):
    """Return the step as a function of images of A and of B."""
    to_a, to_b = (stock(generators.resnet(image_size, blocks=count, norm=NORM)) for _ in range(2))
    judge_a, judge_b = (stock(discriminators.patchgan(None, norm=NORM, image_size=image_size)) for _ in range(2))
    networks = [to_a, to_b, judge_a, judge_b]
    adams = [keras.optimizers.Adam(2e-4, beta_1=0.5) for _ in networks]
    for adam, network in zip(adams, networks, strict=True):
        adam.build(network.trainable_variables)

    def generator_losses(real_a, real_b):
        fake_b, fake_a = to_b(real_a, training=True), to_a(real_b, training=True)
        cycled_a, cycled_b = to_a(fake_b, training=True), to_b(fake_a, training=True)
        same_a, same_b = to_a(real_a, training=True), to_b(real_b, training=True)
        logits_a, logits_b = judge_a(fake_a, training=True), judge_b(fake_b, training=True)
        cycle = 10.0 * (absolute(real_a, cycled_a) + absolute(real_b, cycled_b))
        loss_a = squared(tf.ones_like(logits_a), logits_a) + cycle + 5.0 * absolute(real_a, same_a)
        loss_b = squared(tf.ones_like(logits_b), logits_b) + cycle + 5.0 * absolute(real_b, same_b)
        return [loss_a, loss_b], [logits_a, logits_b]

    def discriminator_losses(real_a, real_b, fake_logits=None):
        if fake_logits is None:
            fake_logits = [judge_a(to_a(real_b, training=True), training=True)]
            fake_logits += [judge_b(to_b(real_a, training=True), training=True)]
        real_logits = [judge_a(real_a, training=True), judge_b(real_b, training=True)]
        return [
            0.5 * (squared(tf.ones_like(real), real) + squared(tf.zeros_like(fake), fake))
            for real, fake in zip(real_logits, fake_logits, strict=True)
        ]

    def learn(tape, losses, learners):
        gradients = [
            tape.gradient(loss, network.trainable_variables) for loss, network in zip(losses, learners, strict=True)
        ]
        for gradient, network in zip(gradients, learners, strict=True):
            adam = adams[networks.index(network)]
            adam.apply_gradients(zip(gradient, network.trainable_variables, strict=True))
        return losses

    @tf.function
    def step(real_a, real_b):
        if shared:
            with tf.GradientTape(persistent=True) as tape:
                losses, fake_logits = generator_losses(real_a, real_b)
                losses += discriminator_losses(real_a, real_b, fake_logits)
            return learn(tape, losses, networks)
        with tf.GradientTape(persistent=True) as tape:
            losses, _ = generator_losses(real_a, real_b)
        learn(tape, losses, networks[:2])
        with tf.GradientTape(persistent=True) as tape:
            discriminated = discriminator_losses(real_a, real_b)
        return losses + learn(tape, discriminated, networks[2:])

    return step


def stock(network):
    """Return the network with the layers of Keras and TensorFlow in the place of the package's own."""

    def replaced(layer):
        if isinstance(layer, blocks.InstanceNormalization):
            return keras.layers.GroupNormalization.from_config(layer.get_config())
        if isinstance(layer, blocks.WithoutFirst):
            return keras.layers.Cropping2D(((1, 0), (1, 0)))
        if isinstance(layer, blocks.ReflectionPadding2D):
            sides = [[0, 0], [layer.padding] * 2, [layer.padding] * 2, [0, 0]]
            return keras.layers.Lambda(lambda images: tf.pad(images, sides, "REFLECT"))
        return type(layer).from_config(layer.get_config())

    return keras.models.clone_model(network, clone_function=replaced)


if __name__ == "__main__":
    main()
