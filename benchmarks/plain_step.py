"""Time the pix2pix step as one writes it down first: the measuring stick for `train_step.py`.

Stock Keras Adam, batch norm, one discriminator pass for both losses, float32; networks of the paper's width.

    python benchmarks/plain_step.py [--steps 12] [--image-size 256]
"""

import argparse
import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf

from pix2pix_tf import discriminators, generators


def main():
    """Read the command line, time the steps, print their median."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--image-size", type=int, default=256)
    options = parser.parse_args()
    step = make_step(options.image_size)
    shape = (1, options.image_size, options.image_size, 3)
    source, target = (tf.random.uniform(shape, -1, 1, seed=seed) for seed in range(2))
    print(f"plain step: median {median_milliseconds(lambda: step(source, target), options.steps):.1f} ms")


def make_step(image_size):
    """Return the step as a function of source and target."""
    generator = generators.unet(image_size, norm="batch")
    discriminator = discriminators.patchgan(norm="batch", image_size=image_size)
    cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    generator_adam, discriminator_adam = (keras.optimizers.Adam(2e-4, beta_1=0.5) for _ in range(2))
    generator_adam.build(generator.trainable_variables)
    discriminator_adam.build(discriminator.trainable_variables)

    @tf.function
    def step(source, target):
        with tf.GradientTape() as generator_tape, tf.GradientTape() as discriminator_tape:
            fake = generator(source, training=True)
            real_logits = discriminator([source, target], training=True)
            fake_logits = discriminator([source, fake], training=True)
            generator_loss = cross_entropy(tf.ones_like(fake_logits), fake_logits)
            generator_loss += 100 * tf.reduce_mean(tf.abs(target - fake))
            discriminator_loss = cross_entropy(tf.ones_like(real_logits), real_logits)
            discriminator_loss += cross_entropy(tf.zeros_like(fake_logits), fake_logits)
        gradients = generator_tape.gradient(generator_loss, generator.trainable_variables)
        generator_adam.apply_gradients(zip(gradients, generator.trainable_variables, strict=True))
        gradients = discriminator_tape.gradient(discriminator_loss, discriminator.trainable_variables)
        discriminator_adam.apply_gradients(zip(gradients, discriminator.trainable_variables, strict=True))
        return generator_loss

    return step


def median_milliseconds(step, count):
    """Return the median time of `count` calls, after two that trace and warm up."""
    step(), step()
    times = []
    for _ in range(count):
        start = time.perf_counter()
        tf.nest.map_structure(lambda value: value.numpy(), step())
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


if __name__ == "__main__":
    main()
