"""What every method has besides its losses: parts that learn, are kept by checkpoints, saved, loaded and translate."""

import functools
import inspect
import json
import pathlib

import keras
import numpy as np
import tensorflow as tf

from pix2pix_tf import datasets, errors, images, optimizers, translation
from pix2pix_tf.system import hardware, keras_settings


class Method:
    """A way to learn a translation: a subclass is one paper, and holds its networks, its losses and its step.

    It is no `keras.Model` with `compile` and `fit`: a step of two players and several optimizers resumes in the middle
    of an epoch, splits over replicas and repeats bit for bit here, and Keras resumes epochs.

    A subclass calls `super().__init__(locals())` first, so that its keywords are what `config.json` holds; then it
    builds its networks and optimizers. It has `train_step(source, target)`, `validate(source, target)` and, where a
    preview is more than input, output and truth, `preview(source, target)`.

    Attributes:
        name: what `config.json` and the command line call it.
        paired: whether it learns from pairs, and so one direction; else from two domains, and so both.
        translates: whether it turns images into others; else it draws from noise, learns from single images or points
            with their classes, and has `sample`.
        picture: which function of `plots` draws its previews.
        needs_instances: whether its sources must be label maps with their instances, see `datasets.load`.
        previewed: validation examples that a preview is given.
        autograph: whether Python's `if`, `for` and `len` of tensors are rewritten for graphs. It doubles the time to
            the first step, and the package's own methods do without.
        batches_per_step: how many batches, in one, a train step is given.
        rates: those learning rates that fall, `optimizers.LinearDecay`s.
        generators: dict of file name, as `save` writes it, to the attribute with the network.
        parts: names of the attributes whose variables a resumed run needs: networks, optimizers, pools. A part that is
            None is switched off.
        config: dict of the keywords, precision resolved; `type(model)(**config)` builds the same model.
        strategy: the `tf.distribute.Strategy` in whose scope it was built.
    """

    name = None
    paired = True
    translates = True
    picture = "sheet"
    previewed = 4
    needs_instances = False
    autograph = True
    batches_per_step = 1
    rates = ()
    generators = {"generator.keras": "generator"}
    parts = ()

    def __init_subclass__(cls, **options):
        """Let every method take NumPy's numbers for Python's, which alone `config.json` can hold."""
        super().__init_subclass__(**options)
        build = cls.__init__

        @functools.wraps(build)
        def with_python_numbers(self, *arguments, **keywords):
            build(self, *map(_to_python, arguments), **{name: _to_python(value) for name, value in keywords.items()})

        cls.__init__ = with_python_numbers

    def __init__(self, keywords):
        keras_settings.check_backend()
        self.config = {name: value for name, value in keywords.items() if name not in ("self", "__class__")}
        self.config["precision"] = hardware.resolve_precision(self.config["precision"])
        translation.check_seed(self.config.get("seed", 0))
        self.is_planned = self.config.get("total_steps") is not None
        self.strategy = tf.distribute.get_strategy()
        self.compile_step()
        self.train_step = self._checked_step
        self.validate = tf.function(self.validate, autograph=self.autograph)

    def compile_step(self, jit_compile=None):
        """Make `compiled_step` of the class's `train_step`, anew where something it took for a constant has changed.

        Args:
            jit_compile: whether XLA compiles it; None leaves that to `hardware.jit_compile`.
        """
        jit_compile = hardware.jit_compile() if jit_compile is None else jit_compile
        step = functools.partial(type(self).train_step, self)
        self.compiled_step = tf.function(step, autograph=self.autograph, jit_compile=jit_compile or None)

    def _checked_step(self, source, target):
        """Do the train step on what it can learn from; `compiled_step` is the same without a look at the values."""
        if tf.executing_eagerly():
            if len(target) % self.batches_per_step:
                raise errors.InputError(
                    f"{len(target)} examples; expected a multiple of the {self.batches_per_step} critic steps"
                )
            self.check_values(source, target)
        return self.compiled_step(source, target)

    def check_values(self, source, target):
        """Raise InputError unless a batch holds images."""
        for name, side in (("source", source), ("target", target)):
            images.check_values(side["image"] if isinstance(side, dict) else side, name)

    def plan(self, steps):
        """Be told by `training.fit` how many steps there will be, before the first.

        Where learning rates fall over a number of steps that was not given, it is this one. Such a method has `rates`,
        and `divide(steps)`, which returns how many are before the fall and in it.
        """
        if self.rates and not self.is_planned:
            self.config["total_steps"] = steps
            for rate in self.rates:
                rate.constant, rate.decay = self.divide(steps)
            self.compile_step()  # a graph from before has the old numbers in it

    def translate(self, images, seed=None, resize=False):
        """Translate images of any size; no variable changes.

        Args:
            images: float32 (batch, height, width, channels) in [-1, 1], of 12 megapixels each at most.
            seed: decides the noise; None is seed 0. All images of a batch get the same noise, so that a translation
                does not depend on its neighbours.
            resize: True resizes to the trained size and back; False pads to its multiple by reflection and crops.

        Returns:
            float32 array (batch, height, width, channels) in [-1, 1].

        Raises:
            errors.InputError: if images have another rank or number of channels, values that are no floats from -1 to
                1, or are too large.
        """
        return self.translators[self.generator_file()](images, seed, resize)

    def enter(self, step):
        """Be told by `training.fit` which step comes next; return whether `compiled_step` is another one from now on.

        A method that learns in phases makes it anew where one begins; any other never does.
        """
        return False

    def conclude(self, pairs):
        """Be told by `training.fit` what was learned from, before the generators are saved at the end."""

    def show(self, source, target):
        """Return translations of pairs as they are shown and measured while it learns."""
        return self.translate(source["image"] if isinstance(source, dict) else source)

    def preview(self, source, target):
        """Return what a preview shows, column by column: name to images in [-1, 1]."""
        shown = source["image"] if isinstance(source, dict) else source
        return {"input": shown, "output": self.show(source, target), "truth": target}

    @classmethod
    def defaults(cls):
        """Return the default of every keyword that has one, by name."""
        parameters = inspect.signature(cls).parameters.values()
        return {one.name: one.default for one in parameters if one.default is not one.empty}

    @functools.cached_property
    def translators(self):
        """Dict of a generator's file name to what translates images of any size with it."""
        return {name: translation.Translator(getattr(self, part)) for name, part in self.generators.items()}

    @classmethod
    def generator_file(cls, direction=None):
        """Return the name of the file with the generator for a direction; a paired method has only one."""
        names = [name for name in cls.generators if cls.paired or str(direction) in name]
        if len(names) != 1:
            raise errors.InputError(f"direction is {direction!r}; expected one of {', '.join(datasets.DIRECTIONS)}")
        return names[0]

    @classmethod
    def open_translator(cls, folder, config, direction):
        """Return what translates images as the run in a folder has learned to, without building the whole method.

        Args:
            folder: `pathlib.Path` with the files that `save` wrote.
            config: the run's config.json, a dict.
            direction: "a_to_b" or "b_to_a".

        Returns:
            `translation.Translator`, or what is called like one.
        """
        path = folder / cls.generator_file(direction)
        return translation.Translator(translation.load(path, config["model"].get("precision", "auto")), path)

    def state(self):
        """Return every variable that a resumed run needs, name of the part to list of TensorFlow variables."""
        owners = {name: getattr(self, name) for name in self.parts}
        return {name: values(owner.variables) for name, owner in owners.items() if owner is not None}

    @classmethod
    def saved_files(cls, config):
        """Return the names of all files that `save` writes, by the model's keywords."""
        return list(cls.generators)

    def save(self, folder):
        """Write the generators' files into a folder, under float32 whatever the precision."""
        for name, part in self.generators.items():
            translation.save(getattr(self, part), pathlib.Path(folder) / name)

    @classmethod
    def load(cls, folder):
        """Build the model of a run folder and give its generators the weights of their files."""
        folder = pathlib.Path(folder)
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))["model"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise errors.InputError(f"{folder}: holds no run whose config.json can be read ({error!r})") from error
        model = cls(**config)
        for name, part in cls.generators.items():
            getattr(model, part).set_weights(translation.load(folder / name, "float32").get_weights())
        for part in map(functools.partial(getattr, model), cls.parts):
            if isinstance(part, optimizers.MovingAverage):
                part.source.set_weights(part.network.get_weights())
        return model


def build_optimizer(learning_rate, *networks):
    """Return the optimizer of some networks, its moments included.

    Args:
        learning_rate: a number or a Keras schedule.
        *networks: `keras.Model`s that learn together.

    Returns:
        `optimizers.Adam` with the papers' betas.
    """
    optimizer = optimizers.Adam(learning_rate)
    optimizer.build(trainable(networks))
    return optimizer


def learn(optimizer, tape, loss, *networks):
    """Change the weights of some networks so that a loss falls.

    Args:
        optimizer: that of `build_optimizer` for the same networks.
        tape: `tf.GradientTape` that has recorded the loss.
        loss: scalar tensor, divided by `per_replica`.
        *networks: `keras.Model`s in the order of `build_optimizer`.
    """
    variables = trainable(networks)
    optimizer.apply(tape.gradient(loss, values(variables)), variables)


def _to_python(value):
    """Return NumPy's numbers as Python's, and anything else as it is."""
    return value.item() if isinstance(value, np.generic) else value


def per_replica(loss):
    """Divide a loss by the number of replicas, whose gradients are summed."""
    return loss / tf.distribute.get_strategy().num_replicas_in_sync


def trainable(networks):
    """Return the variables that some networks learn."""
    return [variable for network in networks for variable in network.trainable_variables]


def values(variables):
    """Return TensorFlow variables, those inside Keras ones included."""
    return [variable.value if isinstance(variable, keras.Variable) else variable for variable in variables]
