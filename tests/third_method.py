"""A method that is not the package's: a generator of two inputs, files named as it likes, an option of its own."""

import keras
import numpy as np
import tensorflow as tf

from pix2pix_tf import losses, method, registry, translation

FILE = "glaze-and-body.keras"


class Glaze(method.Method):
    """Lays a glaze of random colour over what a convolution makes of the source; both are learned.

    Args:
        image_size: side of the images.
        thickness: share of the glaze, the option of its own.
        precision: as of every method.
        seed: decides weights and colours.
    """

    name = "glaze"
    generators = {FILE: "mixer"}
    parts = ("mixer", "mixer_optimizer")

    def __init__(self, image_size=16, thickness=0.25, precision="float32", seed=0):
        super().__init__(locals())
        self.thickness, self.seed = thickness, seed
        body, glaze = keras.Input((image_size, image_size, 3)), keras.Input((1, 1, 3))
        start = keras.initializers.RandomNormal(seed=seed)
        body_layer = keras.layers.Conv2D(3, 3, padding="same", activation="tanh", kernel_initializer=start)
        glaze_layer = keras.layers.Conv2D(3, 1, activation="tanh", kernel_initializer="ones")
        self.mixer = keras.Model([body, glaze], keras.layers.Add()([body_layer(body), glaze_layer(glaze)]))
        self.mixer_optimizer = method.build_optimizer(0.01, self.mixer)

    def train_step(self, source, target):
        """Learn from a batch; the colours of the glaze come from the step."""
        seed = tf.stack([self.seed, tf.cast(self.mixer_optimizer.iterations, tf.int32)])
        colours = self.thickness * tf.random.stateless_normal((len(source), 1, 1, 3), seed)
        with tf.GradientTape() as tape:
            result = losses.l1(self.mixer([source, colours], training=True), target)
            loss = method.per_replica(result)
        method.learn(self.mixer_optimizer, tape, loss, self.mixer)
        return {"l1": result}

    def validate(self, source, target):
        """Return the loss of a batch."""
        return {"validation_l1": losses.l1(self.mixer([source, tf.zeros((len(source), 1, 1, 3))]), target)}

    def translate(self, images, seed=None, resize=False):
        """Translate with the glaze of a seed."""
        return GlazeTranslator(self.mixer, self.thickness)(images, seed, resize)

    @classmethod
    def open_translator(cls, folder, config, direction):
        """Open the file that has its own name."""
        return GlazeTranslator(translation.load(folder / FILE, "float32"), config["model"]["thickness"])


class GlazeTranslator:
    """What a run of this method gives: it is called, and asked before, like any other translator."""

    def __init__(self, mixer, thickness):
        self.mixer, self.thickness = mixer, thickness

    def __call__(self, images, seed=None, resize=False):
        """Translate images of the trained size."""
        colours = self.thickness * np.random.default_rng(seed or 0).normal(size=(1, 1, 1, 3))
        return np.concatenate([np.clip(self.mixer([image[None], colours]), -1, 1) for image in images])

    def check(self, shape, resize=False):
        """Accept every shape."""


registry.METHODS["glaze"] = registry.Row(
    location="third_method:Glaze",
    data="synthetic",
    small={"image_size": 16, "filters": 4},
    options=(registry.Option("thickness", float, 0.25, "Share of the glaze.", least=0),),
)
