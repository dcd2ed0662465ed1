"""Pix2pixHD: from coarse to fine, in three phases, with discriminators of several scales and styles for instances.

Source: Wang et al. 2018, "High-Resolution Image Synthesis and Semantic Manipulation with Conditional GANs".
"""

import collections
import functools
import pathlib

import keras
import numpy as np
import tensorflow as tf

from pix2pix_tf import (
    discriminators,
    editing,
    errors,
    generators,
    instances,
    losses,
    method,
    optimizers,
    palettes,
    perceptual,
    phases,
    semantics,
    styles,
    translation,
)
from pix2pix_tf import ids as class_ids
from pix2pix_tf.system import hardware

ADVERSARIAL = ("least_squares", "vanilla", "hinge")
STYLED = 200  # training pairs in which styles are looked for

Block = collections.namedtuple("Block", "name trainable_variables optimizer")


class Pix2PixHD(method.Method):
    """A generator that learns small images first and large ones then, from labels and from instances.

    Every default is the paper's for 1024 pixels, but for what is named under Deviation.

    Args:
        image_size: side of the training images, a multiple of 2^(downs + enhancers).
        label_colours: list of the colours [red, green, blue] that name classes in the sources, see
            `palettes.find_colours`; None takes sources as they are, three channels.
        unlabelled: whether the last colour names pixels that have no class.
        boundaries: whether the networks see where one instance ends.
        out_channels: channels of the target.
        filters: channels of the coarse generator after its first convolution.
        downs, blocks, enhancers, enhancer_blocks: as of `generators.coarse_to_fine`.
        features: numbers that an encoder finds for each instance of a photo, such as its colour; 0 is without.
        encoder_filters, encoder_downs: of the encoder.
        norm: of all networks, see `blocks.NORMS`.
        discriminator_filters, discriminator_layers: of each discriminator.
        scales: discriminators at the full size; there is one less, and one at least, for every halving of it.
        adversarial: one of ADVERSARIAL.
        adversarial_weight: weight of the GAN's loss in the generator's; at 0 the discriminators learn all the same, and
            only what their layers see counts.
        feature_matching_weight: weight of the differences that the discriminators' layers see; 0 is without.
        reconstruction_weight: weight of the mean absolute difference from the truth, pix2pix's L1; 0, as in the paper,
            is without.
        perceptual: the network of a perceptual loss, "vgg19", "squeezenet" or the path of a Keras model, see
            `perceptual.build`; None is without.
        perceptual_file: path of the weights of a named network; None downloads them where they are published.
        perceptual_layers: list of names of its layers; None takes those of the named network.
        perceptual_weight: its weight.
        phases: train steps of the coarse generator alone, of each enhancer alone, and of all together, a list of
            enhancers + 2 numbers; without enhancers of one. None divides the steps as the authors' epochs, 200 : 10 :
            90; where their number is not known, all is learned together.
        decay: share of the steps of the first phase, and of those after it, the last ones, over which the rate falls.
        total_steps: train steps in all; None takes the number that `training.fit` is given.
        upsampling: how the generator doubles, see `blocks.enlarge`.
        plane_skip: whether the generator's last layer sees labels and styles themselves too, see
            `generators.coarse_to_fine`.
        discriminator_norm: of the discriminators; None is that of the generator.
        spectral: whether the discriminators' kernels are divided by their largest singular values.
        average: decay of a moving average of the generator's weights, with which it then translates; 0 is without.
        precision: as of `pix2pix.Pix2Pix`.
        learning_rate: of Adam with betas 0.5 and 0.999, for all networks.
        seed: decides initial weights.

    Attributes:
        generator: `keras.Model`, all of it, from planes (`semantics.Planes`) and features to images.
        stages: list of `keras.Model`s, see `generators.stages`: the last is the generator.
        trained_generator: what translates: the generator, or its copy with averaged weights.
        discriminator: `keras.Model` for [planes, image] of the full size.
        encoder: `keras.Model`, or None without features.
        styles: `styles.Styles` of the training set after training, or None.
        phase: number of the present phase; the last is that of all together.

    Raises:
        ValueError: for a value outside those named.

    A source is a dict: "image", label maps as colours, and "instances", whole numbers (batch, height, width, 1).

    Source: Wang et al. 2018, sections 3 and 4; the authors' code for what the paper leaves open.
    Deviation: no perceptual loss unless one is asked for, since its network must be downloaded. In the last phase the
        authors' code goes on with the optimizer of the enhancers, so that the coarse generator never learns again; here
        it does. Every part begins each phase with new moments, as the authors' optimizers do.
    """

    name = "pix2pixhd"
    autograph = False
    generators = {"generator.keras": "trained_generator"}
    parts = ("learned", "optimizers", "discriminator", "discriminator_optimizer", "average")
    needs_instances = True
    phase = None

    def __init__(
        self,
        image_size=1024,
        label_colours=None,
        unlabelled=False,
        boundaries=True,
        out_channels=3,
        filters=64,
        downs=4,
        blocks=9,
        enhancers=1,
        enhancer_blocks=3,
        features=0,
        encoder_filters=16,
        encoder_downs=4,
        norm="plain_instance",
        discriminator_filters=64,
        discriminator_layers=3,
        scales=3,
        adversarial="least_squares",
        adversarial_weight=1.0,
        feature_matching_weight=10.0,
        reconstruction_weight=0.0,
        perceptual=None,
        perceptual_file=None,
        perceptual_layers=None,
        perceptual_weight=10.0,
        phases=None,
        decay=0.5,
        total_steps=None,
        upsampling="transposed",
        plane_skip=False,
        discriminator_norm=None,
        spectral=False,
        average=0.0,
        precision="auto",
        learning_rate=2e-4,
        seed=0,
    ):
        super().__init__(locals())
        _check(self.config)
        self.image_size, self.enhancers = image_size, enhancers
        self.adversarial, self.adversarial_weight = adversarial, adversarial_weight
        self.feature_matching_weight, self.reconstruction_weight = feature_matching_weight, reconstruction_weight
        dtype = hardware.layer_dtype(self.config["precision"])
        self.dtype = generators.image_dtype(self.config["precision"])
        self.planes = semantics.Planes(label_colours, unlabelled, boundaries)
        same = {"norm": norm, "dtype": dtype}
        sizes = {"downs": downs, "blocks": blocks, "enhancers": enhancers, "enhancer_blocks": enhancer_blocks}
        channels = self.planes.count + features, out_channels
        self.stages = generators.stages(
            image_size, *channels, filters, **sizes, **same, seed=seed, upsampling=upsampling, plane_skip=plane_skip
        )
        self.generator = self.stages[-1]
        self.encoder = None
        if features:
            self.encoder = generators.encoder(
                image_size, out_channels, features, encoder_filters, encoder_downs, **same, seed=seed + 2
            )
        self.average = optimizers.MovingAverage(self.generator, average) if average else None
        self.trained_generator = self.average.network if average else self.generator
        self.discriminator = discriminators.multiscale(
            self.planes.count, out_channels, discriminator_filters, discriminator_layers, scales,
            discriminator_norm or norm, dtype, image_size, seed + 1, spectral,
        )  # fmt: skip
        self.judges = [self._judge_of(stage, scales) for stage in range(enhancers + 1)]
        self.encoder_of_any_size = translation.any_size(self.encoder) if features else None
        self.perceptual_weight, self.perceptual = perceptual_weight, _build_perceptual(self.config)
        self.phases = _build_phases(self.config)
        self.discriminator_optimizer = method.build_optimizer(self.phases.rate, self.discriminator)
        self.blocks = [self._block(name, variables) for name, variables in self._divide_variables().items()]
        self.learned = _Variables([one for block in self.blocks for one in block.trainable_variables])
        self.optimizers = _Variables([one for block in self.blocks for one in block.optimizer.variables])
        self.styles = None
        self.enter(0)

    def _judge_of(self, stage, scales):
        """Return the discriminators, with their features, for the images of a stage: as many as are left."""
        halvings = self.enhancers - stage
        if not halvings:
            return discriminators.with_features(self.discriminator)
        return discriminators.of_scales(self.discriminator, max(1, scales - halvings))

    def plan(self, steps):
        """Be told by `training.fit` how many steps there will be, see `method.Method.plan`; phases must fit them."""
        if self.is_planned:
            return
        try:
            self.phases.divide(steps)
        except ValueError as error:
            raise errors.InputError(str(error)) from error
        self.config["total_steps"] = steps
        self.phase = None  # a graph from before has the old numbers in it
        self.enter(int(self.step))

    def enter(self, step):
        """Be told which step comes next; return whether another phase begins, and with it another `compiled_step`."""
        phase = self.phases.at(step)
        if phase == self.phase:
            return False
        self.phase, self.stage = phase, min(phase, self.enhancers)
        self._begin_moments(step)
        self.compile_step()
        self.validate = tf.function(functools.partial(type(self).validate, self), autograph=False)
        return True

    def _begin_moments(self, step):
        """Let every part that learns in this phase forget its moments where the phase begins.

        The discriminators do so once, where the generator's images grow for the first time, as where the authors begin
        another run with the weights of the first.
        """
        starts = self.phases.starts
        pairs = [(block.optimizer, starts[self.phase]) for block in self.learning()]
        for optimizer, began in [*pairs, (self.discriminator_optimizer, starts[min(self.phase, 1)])]:
            start = int(tf.cast(optimizer.iterations, tf.int64)) - (step - began)  # cast: it may be a mirrored variable
            if step == began:
                optimizer.restart(start)
            else:  # resumed inside the phase
                optimizer.start = start

    @property
    def is_joint(self):
        """Whether all parts learn."""
        return self.phases.is_joint(self.phase)

    @property
    def halvings(self):
        """How often the images of this phase are halved."""
        return self.enhancers - self.stage

    @property
    def step(self):
        """The steps done, an integer tensor."""
        return tf.cast(self.discriminator_optimizer.iterations, tf.int32)

    def _checked_step(self, source, target):
        """Do the train step of the phase that it is in."""
        if tf.executing_eagerly():
            self.enter(int(self.step))
        return super()._checked_step(source, target)

    def check_values(self, source, target):
        """Raise InputError unless a batch holds label maps with their instances, and photos."""
        if not isinstance(source, dict) or "instances" not in source:
            raise errors.InputError('source has no instances; expected a dict of "image" and "instances"')
        if not tf.as_dtype(source["instances"].dtype).is_integer:
            raise errors.InputError(f"instances are {source['instances'].dtype}; expected whole numbers")
        super().check_values(source, target)

    def train_step(self, source, target):
        """Update the generator's parts of this phase and the discriminators, both as they were before.

        Args:
            source: dict of "image", float32 (batch, image_size, image_size, 3) in [-1, 1], "instances", int32 (batch,
                image_size, image_size, 1), and perhaps "void", see `pix2pix.Pix2Pix`.
            target: float32 (batch, image_size, image_size, out_channels) in [-1, 1].

        Returns:
            Dict of scalar tensors: "discriminator", "generator_adversarial", "feature_matching", "reconstruction" and
            "perceptual", all unweighted, those that are switched on.

        Source: Wang et al. 2018, section 3.2, equation 5; the order of the updates is that of the authors' code.
        """
        seen, target, ids, kept = self.look(source, target)
        with tf.GradientTape(persistent=True) as tape:
            fake = self.generate(self.condition(seen, target, ids))
            real_seen, fake_seen = self.judge(seen, target, kept), self.judge(seen, fake, kept)
            answers = [[scale[-1] for scale in scales] for scales in (real_seen, fake_seen)]
            discriminator_loss = losses.discriminator_of_scales(*answers, self.adversarial)
            loss, results = self.generator_loss(real_seen, fake_seen, target, fake, kept)
            loss, own_loss = method.per_replica(loss), method.per_replica(discriminator_loss)
        self.learn(tape, loss)
        method.learn(self.discriminator_optimizer, tape, own_loss, self.judges[self.stage])
        if self.average:
            self.average.update(self.step - self.phases.starts[self.phase])
        return {"discriminator": discriminator_loss, **results}

    @property
    def present_discriminator(self):
        """The discriminators of this phase: `keras.Model` from [planes, image] to a list of logits."""
        network = self.judges[self.stage]
        scales = network.output if isinstance(network.output[0], list | tuple) else [network.output]
        return keras.Model(network.inputs, [scale[-1] for scale in scales])

    def look(self, source, target):
        """Return planes, target and instances at the size of this phase, and which pixels count or None."""
        image, ids = tf.cast(source["image"], self.dtype), source["instances"]
        image, ids = semantics.halve(image, ids, self.halvings)
        void = source.get("void")
        kept = None if void is None else 1 - tf.cast(semantics.halve(void, None, self.halvings)[0], self.dtype)
        target = semantics.shrink(tf.cast(target, self.dtype), self.halvings)
        return self.planes(image, ids), target, ids, kept

    def condition(self, seen, photo, ids):
        """Return what the generator sees: planes, and where there is an encoder what it finds in a photo."""
        if self.encoder is None:
            return seen
        found = instances.average(self.encoder_of_any_size(photo, training=True), ids)
        return tf.concat([seen, tf.cast(found, seen.dtype)], -1)

    def generate(self, condition):
        """Run the generator of this phase as in training."""
        network = self.stages[self.stage]
        fake, state = translation.run(network, condition, tf.stack([tf.constant(self.config["seed"]), self.step]))
        translation.keep_statistics(network, state)
        return fake

    def judge(self, seen, image, kept=None):
        """Return what the discriminators of this phase see, as of `discriminators.with_features`, scale by scale."""
        found = self.judges[self.stage]([seen, image if kept is None else image * kept], training=True)
        return found if isinstance(found[0], list | tuple) else [found]

    def generator_loss(self, real_seen, fake_seen, target, fake, kept=None):
        """Return what the generator minimizes, and its unweighted parts."""
        results = {
            "generator_adversarial": losses.generator_of_scales([one[-1] for one in fake_seen], self.adversarial)
        }
        total = self.adversarial_weight * results["generator_adversarial"]
        if self.feature_matching_weight:
            features = ([scale[:-1] for scale in scales] for scales in (real_seen, fake_seen))
            results["feature_matching"] = losses.feature_matching_of_scales(*features)
            total += self.feature_matching_weight * results["feature_matching"]
        if self.reconstruction_weight:
            results["reconstruction"] = losses.l1(fake, target, kept)
            total += self.reconstruction_weight * results["reconstruction"]
        if self.perceptual:
            shown = (target, fake) if kept is None else (target * kept, fake * kept)
            results["perceptual"] = self.perceptual(*shown)
            total += self.perceptual_weight * results["perceptual"]
        return total, results

    def learn(self, tape, loss):
        """Change those parts of the generator that learn in this phase, and the encoder."""
        own = self.learning()
        found = tape.gradient(loss, [method.values(block.trainable_variables) for block in own])
        for block, gradients in zip(own, found, strict=True):
            block.optimizer.apply(gradients, block.trainable_variables)

    def learning(self):
        """Return the blocks that learn in this phase."""
        paint = _name_paint(self.stage, self.enhancers)
        inner = self._inner_names()
        names = {paint, "encoder"} | (set(inner) if self.is_joint else {inner[self.phase]})
        return [block for block in self.blocks if block.name in names]

    def _inner_names(self):
        """Return the names of the parts that stay where another is built around them, from the innermost on."""
        return [generators.COARSE, *(f"{generators.ENHANCER}_{number + 1}" for number in range(self.enhancers))]

    def _divide_variables(self):
        """Return the variables of each block, by its name: what learns together in every phase."""
        found = {name: generators.variables_of(self.generator, name) for name in self._inner_names()}
        for number, stage in enumerate(self.stages):
            name = _name_paint(number, self.enhancers)
            found[name] = generators.variables_of(stage, name)
        return {**found, "encoder": self.encoder.trainable_variables} if self.encoder else found

    def _block(self, name, variables):
        """Return a block with an optimizer of its own, whose rate depends on the steps that the whole has done."""
        optimizer = optimizers.Adam(lambda: self.phases.rate(self.discriminator_optimizer.iterations))
        optimizer.build(variables)
        return Block(name, variables, optimizer)

    def validate(self, source, target):
        """Return the losses of a batch without learning from it, by name, with the styles of the very target."""
        seen, target, ids, kept = self.look(source, target)
        network = self.stages[self.stage] if self.halvings else self.trained_generator
        fake, _ = translation.run(network, self.condition(seen, target, ids), tf.constant([self.config["seed"], 0]))
        return {"validation_l1": losses.l1(fake, target, kept)}

    def translate(self, labels, seed=None, resize=False, instances=None, styles=None, photos=None):
        """Translate label maps of any size, see `editing.Editor`; no variable changes."""
        return self.editor(labels, seed, resize, instances, styles, photos)

    @property
    def editor(self):
        """What translates, with the styles that there are: an `editing.Editor`."""
        translator = self.translators[self.generator_file()]
        return editing.Editor(translator, self.planes, self.encoder, self.styles)

    def show(self, source, target):
        """Return translations with the targets' own styles: of the present phase, enlarged to the full size."""
        if not self.halvings:
            return self.translate(source, photos=target if self.encoder else None)
        seen, small, ids, _ = self.look(source, target)
        fake = self.stages[self.stage](self.condition(seen, small, ids), training=True)
        return np.repeat(np.repeat(np.asarray(fake), 2**self.halvings, 1), 2**self.halvings, 2)

    def conclude(self, pairs):
        """Find the styles of the training set, those of some hundred pairs, once the training has ended.

        Args:
            pairs: `datasets.pairs.Pairs`, what was learned from.
        """
        if self.encoder:
            some = np.unique(np.linspace(0, len(pairs) - 1, STYLED).astype(int))
            self.styles = self.editor.find_styles((pairs.pair(int(index)) for index in some), self.config["seed"])

    @classmethod
    def saved_files(cls, config):
        """Return the names of all files that `save` writes, see `method.Method.saved_files`."""
        return [*cls.generators, editing.ENCODER, styles.FILE] if config.get("features") else list(cls.generators)

    def save(self, folder):
        """Write the generator's file into a folder; the encoder's and the styles, if there are any."""
        super().save(folder)
        if self.encoder:
            translation.save(self.encoder, pathlib.Path(folder) / editing.ENCODER)
        if self.styles:
            styles.save(folder, self.styles)

    @classmethod
    def fit_to(cls, keywords, pairs):
        """Return the keywords of a model for some pairs: with the colours of their classes, where none are given.

        Raises:
            errors.InputError: if their sources are no label maps, or of too many colours.
        """
        if keywords.get("label_colours") is not None:
            return keywords
        colours = palettes.find_colours(pairs, "classes", "choose another direction or method")
        others, is_unlabelled = class_ids.part_unlabelled(colours)
        if is_unlabelled and others:
            colours = [*others, class_ids.colour(class_ids.UNLABELLED).tolist()]
        return {**keywords, "label_colours": colours, "unlabelled": is_unlabelled and bool(others)}

    @classmethod
    def open_translator(cls, folder, config, direction):
        """Return an `editing.Editor`, see `method.Method.open_translator`."""
        keywords = {**cls.defaults(), **config["model"]}
        planes = semantics.Planes(*(keywords[name] for name in ("label_colours", "unlabelled", "boundaries")))
        translator = super().open_translator(folder, config, direction)
        return editing.Editor(translator, planes, *editing.load(folder, keywords["features"]))

    @classmethod
    def load(cls, folder):
        """Build the model of a run folder and give it the weights of its files, and its styles."""
        model = super().load(folder)
        if model.encoder:
            encoder, model.styles = editing.load(folder, model.config["features"])
            model.encoder.set_weights(encoder.get_weights())
        return model


class _Variables:
    """Variables that a checkpoint holds together."""

    def __init__(self, variables):
        self.variables = variables


def _name_paint(stage, enhancers):
    """Return how the paths of the last layer of a stage begin."""
    return generators.PAINT if stage == enhancers else f"{generators.PAINT}_{stage}"


def _build_perceptual(config):
    """Return the perceptual loss of a model's keywords, or None."""
    if config["perceptual"] is None:
        return None
    return perceptual.build(*(config[name] for name in ("perceptual", "perceptual_file", "perceptual_layers")))


def _build_phases(config):
    """Return the phases of a model's keywords."""
    return phases.Phases(*(config[name] for name in ("phases", "total_steps", "enhancers", "learning_rate", "decay")))


def _check(config):
    """Raise ValueError unless the keywords that no network checks are possible."""
    if config["adversarial"] not in ADVERSARIAL:
        raise ValueError(f"adversarial is {config['adversarial']!r}; expected one of {', '.join(ADVERSARIAL)}")
    for name in ("perceptual_file", "perceptual_layers"):
        if config[name] is not None and config["perceptual"] is None:
            raise ValueError(f"{name} is {config[name]!r} and perceptual None; expected a network that it belongs to")
    weights = [f"{name}_weight" for name in ("adversarial", "feature_matching", "reconstruction")]
    if config["perceptual"] is None and not any(config[name] for name in weights):
        raise ValueError(f"{', '.join(weights)} are all 0; expected one above 0, or the generator learns nothing")
    for name, most, usual in (("average", 0.99999, 0.999), ("decay", 1, 0.5)):
        if not 0 <= config[name] <= most:
            raise ValueError(f"{name} is {config[name]!r}; expected 0 to {most}, such as {usual}")
    colours = config["label_colours"]
    if colours is not None and len(colours) < 1 + config["unlabelled"]:
        raise ValueError(f"label_colours names {len(colours)} colours; expected one class at least")
    generators.check_count("features", config["features"], least=0)
