"""Pix2pixHD: its phases, what learns in each, its step beside one written out, styles, and what it refuses."""

import functools
import re
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf
import toy
from PIL import Image

from pix2pix_tf import (
    datasets,
    editing,
    errors,
    images,
    instances,
    losses,
    perceptual,
    phases,
    pix2pixhd,
    runs,
    semantics,
    streets,
    training,
    translation,
)
from pix2pix_tf.cli import editing as choices
from pix2pix_tf.evaluation import candidates

COLOURS = [list(colour) for _, colour in streets.LABELS]
SMALL = {
    "image_size": 32,
    "label_colours": COLOURS,
    "filters": 8,
    "downs": 1,
    "blocks": 1,
    "enhancer_blocks": 1,
    "encoder_filters": 4,
    "encoder_downs": 1,
    "discriminator_filters": 4,
    "discriminator_layers": 2,
    "scales": 2,
    "precision": "float32",
}

eagerly = pytest.mark.usefixtures("eager")  # saves tracing a step, which each phase has of its own


def build(**options):
    """Return a small model."""
    return pix2pixhd.Pix2PixHD(**{**SMALL, **options})


@functools.cache
def terraces(count=6):
    """Return small pairs with instances."""
    return datasets.load("terraces", image_size=32, count=count, instances="auto", jitter=False)


def batch(step=0, size=1):
    """Return a batch of them."""
    return terraces().batch(step, size)


def moved(model, before):
    """Return the names of the blocks whose variables are not what they were."""
    return {
        block.name
        for block, old in zip(model.blocks, before, strict=True)
        if any((now.numpy() != was).any() for now, was in zip(block.trainable_variables, old, strict=True))
    }


def test_every_phase_moves_its_own_parts_and_the_last_moves_all():
    """In the authors' code the joint phase keeps the optimizer of the enhancers: the coarse generator never learns."""
    model = build(features=2, phases=[1, 1, 1], total_steps=3)
    wanted = [
        {"coarse", "paint_0", "encoder"},
        {"enhancer_1", "paint", "encoder"},
        {"coarse", "enhancer_1", "paint", "encoder"},
    ]
    for step, names in enumerate(wanted):
        before = [[one.numpy() for one in block.trainable_variables] for block in model.blocks]
        model.train_step(*batch(step))
        assert moved(model, before) == names
        assert model.phase == step


@eagerly
def test_two_enhancers_have_four_phases():
    model = build(enhancers=2, image_size=64, filters=8, phases=[1, 1, 1, 1], scales=3)
    pairs = datasets.load("terraces", image_size=64, count=2, instances="auto", jitter=False)
    sizes = []
    for step in range(4):
        before = [[one.numpy() for one in block.trainable_variables] for block in model.blocks]
        model.train_step(*pairs.batch(step))
        sizes.append((64 // 2**model.halvings, moved(model, before)))
    assert sizes == [
        (16, {"coarse", "paint_0"}),
        (32, {"enhancer_1", "paint_1"}),
        (64, {"enhancer_2", "paint"}),
        (64, {"coarse", "enhancer_1", "enhancer_2", "paint"}),
    ]


def test_steps_are_divided_as_the_authors_epochs():
    assert phases.divide_steps(None, 3000, 1) == [2000, 100, 900]
    assert phases.divide_steps(None, 300, 2) == [200, 5, 5, 90]
    assert phases.divide_steps(None, 7, 0) == [7]
    assert phases.divide_steps(None, None, 1) == [0, 0, 0]


def test_the_rate_falls_at_the_end_of_both_runs():
    """Two runs, of 4 and of 6 steps, each with a constant half: 1 - k / (falling + 1) in falling step k."""
    model = build(phases=[4, 2, 4], learning_rate=1.0, decay=0.5)
    rates = [float(model.phases.rate(step)) for step in range(10)]
    np.testing.assert_allclose(rates, [1, 1, 2 / 3, 1 / 3, 1, 1, 1, 3 / 4, 1 / 2, 1 / 4], rtol=1e-6)


@eagerly
def test_a_step_is_that_of_two_tapes_from_the_same_weights():
    """Both players learn from the weights before the step; the gradients are compared."""
    model, other = build(features=2), build(features=2)
    source, target = batch(1, 2)
    model.train_step(source, target)
    seen, target, ids, _ = other.look(source, target)
    judge = functools.partial(other.judges[-1], training=True)

    def fake():
        features = instances.average(other.encoder(target, training=True), ids)
        return other.generator(tf.concat([seen, features], -1), training=True)

    with tf.GradientTape() as tape:
        real, made = judge([seen, target]), judge([seen, fake()])
        loss = sum(losses.discriminator(a[-1], b[-1], "least_squares") for a, b in zip(real, made, strict=True))
    own = tape.gradient(loss, [one.value for one in other.discriminator.trainable_variables])
    with tf.GradientTape() as tape:
        made = judge([seen, fake()])
        loss = sum(losses.generator(scale[-1], "least_squares") for scale in made)
        for a, b in zip(real, made, strict=True):
            for first, second in zip(a[:-1], b[:-1], strict=True):
                loss += 10 * 4 / 3 / 2 * tf.reduce_mean(tf.abs(first - second))
    variables = [*other.generator.trainable_variables, *other.encoder.trainable_variables]
    gradients = tape.gradient(loss, [one.value for one in variables])
    moments = dict(zip(map(id, model.learned.variables), gradients_of(model), strict=True))
    mine = [*model.generator.trainable_variables, *model.encoder.trainable_variables]
    for variable, gradient in zip(mine, gradients, strict=True):
        largest = np.abs(gradient).max()
        np.testing.assert_allclose(moments[id(variable)], gradient, atol=1e-4 * largest + 1e-5, err_msg=variable.path)
    optimizer = model.discriminator_optimizer
    for momentum, gradient in zip(optimizer._momentums, own, strict=True):
        np.testing.assert_allclose(2 * momentum.numpy(), gradient, atol=1e-4 * np.abs(gradient).max() + 1e-5)


def gradients_of(model):
    """Return the gradients of a first step, in the order of `learned`: Adam's first moment is half of them."""
    return [2 * one.numpy() for block in model.blocks for one in block.optimizer._momentums]


def test_the_loss_is_the_weighted_sum_of_its_parts():
    weights = {"adversarial_weight": 0.5, "feature_matching_weight": 3.0, "reconstruction_weight": 20.0}
    random = np.random.default_rng(0)
    real, fake = (
        [[random.normal(size=(1, 4, 4, 2)).astype(np.float32) for _ in range(3)] for _ in range(2)] for _ in range(2)
    )
    truth, made = (random.uniform(-1, 1, (1, 8, 8, 3)).astype(np.float32) for _ in range(2))
    kept = np.zeros((1, 8, 8, 1), np.float32)
    kept[:, :4] = 1
    adversarial = sum(np.mean((scale[-1] - 1) ** 2) for scale in fake)
    layers = [
        [np.abs(a - b).mean() for a, b in zip(*scales, strict=True)][:-1] for scales in zip(real, fake, strict=True)
    ]
    matching = np.mean([4 * np.mean(scale) for scale in layers])
    difference = np.abs(truth - made)[:, :4].mean()
    total, parts = build(**weights).generator_loss(real, fake, truth, made, kept)
    expected = {"generator_adversarial": adversarial, "feature_matching": matching, "reconstruction": difference}
    assert parts.keys() == expected.keys()
    np.testing.assert_allclose([parts[name] for name in expected], list(expected.values()), rtol=1e-5)
    np.testing.assert_allclose(total, 0.5 * adversarial + 3 * matching + 20 * difference, rtol=1e-5)
    assert build(feature_matching_weight=0).generator_loss(real, fake, truth, made)[1].keys() == {
        "generator_adversarial"
    }


@pytest.mark.slow
@eagerly
def test_no_weight_jumps_where_a_phase_begins():
    """Adam moves a weight by the rate at most in its first step; with moments of small gradients it would by more."""
    model = build(features=2, phases=[3, 1, 2], learning_rate=1e-3, decay=0.0)
    source, target = batch(1, 2)
    for step in range(6):
        if step in (3, 4):  # what learnt before had gradients of nearly nothing
            for optimizer in [model.discriminator_optimizer, *(block.optimizer for block in model.blocks)]:
                for moment in (*optimizer._momentums, *optimizer._velocities):
                    moment.assign(1e-12 * moment)
        before = [variable.numpy() for variable in model.learned.variables]
        judge = [variable.numpy() for variable in model.discriminator.trainable_variables]
        model.train_step(source, target)
        if step in (3, 4):
            found = zip(before, model.learned.variables, strict=True)
            assert max(np.abs(one - other.numpy()).max() for one, other in found) < 1.01e-3
        if step == 3:
            found = zip(judge, model.discriminator.trainable_variables, strict=True)
            assert max(np.abs(one - other.numpy()).max() for one, other in found) < 1.01e-3


def phased():
    """Return a model of three phases."""
    return build(features=2, phases=[2, 2, 3], total_steps=7, average=0.9)


PHASED_LOOP = {"batch_size": 2, "seed": 3, "checkpoint_every": 1, "preview_every": 4}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Return a model trained in all phases at a stretch, and its run."""
    model, folder = phased(), tmp_path_factory.mktemp("undisturbed") / "alone"
    training.fit(model, terraces(), 7, folder, **PHASED_LOOP)
    return model, folder


@pytest.mark.slow
@pytest.mark.parametrize("stopped", [2, 3], ids=["between phases", "inside one"])
def test_a_resumed_run_ends_with_the_same_bits(stopped, undisturbed, tmp_path):
    (alone, folder), begun, resumed = undisturbed, phased(), phased()
    training.fit(begun, terraces(), stopped, tmp_path / "resumed", **PHASED_LOOP)
    training.fit(resumed, terraces(), 7, tmp_path / "resumed", **PHASED_LOOP, resume=True)
    for name, values in alone.state().items():
        for first, second in zip(values, resumed.state()[name], strict=True):
            np.testing.assert_array_equal(first.numpy(), second.numpy())
    assert alone.styles.centres.keys() == resumed.styles.centres.keys()
    assert toy.history(folder) == toy.history(tmp_path / "resumed")


def test_planes_are_one_hot_and_the_unlabelled_are_none():
    source, _ = batch()
    image, ids = source["image"].numpy(), source["instances"].numpy()
    planes = semantics.Planes(COLOURS)(image, ids).numpy()
    stored = images.to_uint8(image[0])
    for number, colour in enumerate(COLOURS):
        np.testing.assert_array_equal(planes[0, ..., number] == 1, (stored == colour).all(-1))
    np.testing.assert_array_equal(planes[..., 12:], instances.boundaries(ids))
    without = semantics.Planes(COLOURS[1:] + COLOURS[:1], unlabelled=True, boundaries=False)
    found = without(image, ids).numpy()
    np.testing.assert_array_equal(found, planes[..., 1:12])
    assert (found.sum(-1) == 0).sum() == planes[..., 0].sum() > 0
    assert without.count == 11


def test_small_label_maps_invent_nothing_and_small_photos_are_means():
    source, target = batch()
    image, ids = semantics.halve(source["image"], source["instances"], 1)
    np.testing.assert_array_equal(image, source["image"].numpy()[:, ::2, ::2])
    assert ids.shape == (1, 16, 16, 1)
    blocks = target.numpy().reshape(1, 16, 2, 16, 2, 3).mean((2, 4))
    np.testing.assert_allclose(semantics.shrink(target, 1), blocks, atol=1e-6)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return a model with styles after a few steps, and its run."""
    folder = tmp_path_factory.mktemp("hd") / "run"
    model = build(features=2, phases=[2, 1, 2], learning_rate=2e-3)
    with toy.eagerly():
        training.fit(model, terraces(), 5, folder, checkpoint_every=5, preview_every=5)
    return model, folder


def test_a_run_translates_as_its_model_does(trained):
    model, folder = trained
    (source, photo), editor = terraces().pair(1), runs.open(folder).translator()
    labels, ids = source["image"][None], source["instances"][None]
    for options in ({"seed": 3}, {"photos": photo[None]}, {"styles": {"window": 0, 1: [0.5, -0.5]}}):
        np.testing.assert_allclose(
            editor(labels, instances=ids, **options), model.translate(labels, instances=ids, **options), atol=1e-5
        )
    loaded = pix2pixhd.Pix2PixHD.load(folder)
    np.testing.assert_allclose(loaded.translate(source_of(source)), model.translate(source_of(source)), atol=1e-5)


def source_of(source):
    """Return a source with an axis for the batch."""
    return {name: side[None] for name, side in source.items()}


def test_styles_are_given_to_instances_and_to_no_others(trained):
    model, _ = trained
    source, photo = terraces().pair(0)
    label_map, ids = source["image"], source["instances"]
    found, classes, pixels, index = model.editor.classes_of(label_map, ids)
    assert pixels.sum() == 32 * 32 and (found[index] == ids[..., 0]).all()
    given = model.editor._choose(label_map, ids, None, 5, {1: [0.25, 0.75]})
    drawn = model.editor._choose(label_map, ids, None, 5, {})
    wall = ids[..., 0] == 1
    np.testing.assert_array_equal(given[wall], np.broadcast_to([0.25, 0.75], (wall.sum(), 2)).astype("f"))
    np.testing.assert_array_equal(given[~wall], drawn[~wall])
    own = model.editor._choose(label_map, ids, photo, 0, {})
    seen = model.encoder(photo[None], training=True).numpy()[0]
    for number in found:
        here = ids[..., 0] == number
        np.testing.assert_allclose(own[here], np.broadcast_to(seen[here].mean(0), (here.sum(), 2)), atol=1e-5)
    assert set(classes) <= set(range(12))


def test_seeds_draw_styles_and_connected_parts_stand_for_missing_instances(trained):
    model, _ = trained
    source, _ = terraces().pair(2)
    label_map = source["image"][None]
    first, again, other = (model.translate(label_map, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-4


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"instances": np.zeros((1, 16, 16, 1), int)}, "instances have shape"),
        ({"instances": np.zeros((1, 32, 32, 1), "f")}, "whole numbers"),
        ({"instances": -np.ones((1, 32, 32, 1), int)}, "expected 0 to"),
        ({"styles": {"widow": 1}}, "styles has 'widow', no class; expected one of background, facade"),
        ({"styles": {9999: 1}}, "styles has 9999, no instance of the picture; expected one of 0, 1"),
        ({"styles": {"facade": 77}}, "class facade has style"),
        ({"styles": {1: [1.0, 2.0, 3.0]}}, r"styles: 1 has features of shape \(3,\); expected \(2,\)"),
        ({"styles": {1: [np.nan, 0.0]}}, r"styles: 1 has the features \[nan, 0.0\]; expected numbers from -1 to 1"),
        ({"styles": {"facade": [0, 5]}}, r"styles: 'facade' has the features \[0, 5\]; expected numbers from -1 to 1"),
        ({"styles": {"facade": ["a", "b"]}}, r"styles: 'facade' has the features \['a', 'b'\]; expected numbers"),
        ({"styles": {"facade": [[0.0], [0.0, 1.0]]}}, "styles: 'facade': no array"),
        ({"styles": {"facade": "3"}}, "styles: 'facade' is '3'; expected the number of a style"),
        ({"styles": {"facade": True}}, "styles: 'facade' is True; expected the number of a style"),
        ({"styles": {"facade": 1.0}}, "styles: 'facade' is 1.0; expected the number of a style"),
        ({"styles": {"facade": None}}, "styles: 'facade' is None; expected the number of a style"),
        ({"styles": {1.0: 0}}, "styles has a key 1.0; expected a class's name or an instance's id"),
        ({"styles": {True: 0}}, "styles has a key True"),
        ({"styles": {None: 0}}, "styles has a key None"),
        ({"styles": ["facade", 1]}, "styles is a list; expected a dict"),
        ({"styles": 3}, "styles is a int; expected a dict"),
        ({"photos": np.zeros((1, 16, 16, 3), "f")}, "photos have shape"),
        ({"photos": np.zeros((1, 32, 32, 1), "f")}, r"photos have shape \(1, 32, 32, 1\); expected \(1, 32, 32, 3\)"),
        ({"photos": np.zeros((32, 32, 3), "f")}, "photos have shape"),
        ({"photos": np.zeros((1, 32, 32, 3), np.uint8)}, "photos: of type uint8; expected floats"),
        ({"photos": np.full((1, 32, 32, 3), np.nan, "f")}, "photos: not finite"),
        ({"photos": "photo.png"}, "photos have shape"),
        ({"photos": [[0.0], [0.0, 1.0]]}, "photos: no array"),
        ({"instances": [[0], [0, 1]]}, "instances: no array"),
        ({"seed": -1}, "seed is -1; expected a whole number from 0 to"),
        ({"seed": 1.5}, "seed is 1.5"),
        ({"seed": "1"}, "seed is '1'"),
        ({"seed": True}, "seed is True"),
        ({"seed": 2**31}, "seed is 2147483648"),
    ],
)
def test_what_cannot_be_translated_is_named(options, said, trained):
    source, _ = terraces().pair(0)
    given = {"instances": source["instances"][None], **options}
    with pytest.raises(errors.InputError, match=said):
        trained[0].translate(source["image"][None], **given)


def test_lists_and_the_numbers_of_numpy_are_taken(trained):
    source, photo = terraces().pair(0)
    label_map, ids = source["image"][None], source["instances"][None]
    wanted = trained[0].translate(label_map, 3, instances=ids, styles={1: 0}, photos=photo[None])
    given = {"instances": ids.tolist(), "styles": {np.int64(1): np.int32(0)}, "photos": photo[None].tolist()}
    np.testing.assert_array_equal(trained[0].translate(label_map.tolist(), np.int64(3), **given), wanted)
    parts = trained[0].translate({"image": label_map})
    np.testing.assert_array_equal(parts, trained[0].translate(label_map))
    with pytest.raises(errors.InputError, match='labels is a dict of instances; expected one with "image"'):
        trained[0].translate({"instances": ids})


def test_styles_of_a_network_without_features_are_refused():
    model = build()
    source, photo = terraces().pair(0)
    with pytest.raises(errors.InputError, match="without features"):
        model.translate(source_of(source), styles={"window": 0})
    with pytest.raises(errors.InputError, match="without features"):
        model.translate(source_of(source), photos=photo[None])
    with pytest.raises(errors.InputError, match="no styles yet"):
        build(features=2).translate(source_of(source))
    assert editing.load("nowhere", 0) == (None, None)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"phases": [1, 2]}, "phases is"),
        ({"phases": [1, 2, 3], "total_steps": 7}, "6 steps together"),
        ({"adversarial": "wasserstein_gp"}, "adversarial is"),
        ({"adversarial": "minimax"}, "adversarial is 'minimax'; expected one of least_squares, vanilla, hinge"),
        ({"adversarial": None}, "adversarial is None; expected one of least_squares, vanilla, hinge"),
        ({"perceptual_layers": ["conv1"]}, "perceptual_layers is .* and perceptual None; expected a network"),
        ({"perceptual_file": "weights.pt"}, "perceptual_file is 'weights.pt' and perceptual None"),
        ({"scales": 99999}, "scales is 99999; expected 1 to 16"),
        ({"enhancers": 5}, "filters is 8"),
        ({"enhancers": 3, "filters": 8, "downs": 3}, "image_size is 32"),
        ({"features": -1}, "features is -1"),
        ({"label_colours": []}, "names 0 colours"),
        ({"decay": 2}, "decay is 2"),
    ],
)
def test_what_is_impossible_is_refused(options, said):
    with pytest.raises(ValueError, match=said):
        build(**options)


def test_it_learns_from_label_maps_with_instances_alone(tmp_path):
    without = datasets.load("terraces", image_size=32, count=2)
    with pytest.raises(errors.InputError, match="instances='auto'"):
        training.fit(build(), without, 2, tmp_path / "run")
    with pytest.raises(errors.InputError, match="6 steps together"):
        training.fit(build(phases=[1, 2, 3]), terraces(), 7, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_unlabelled_colour_is_found_last():
    colours = [images.colour_ids(number).tolist() for number in (0, 7, 255)]

    class Labelled:
        name, names, task, direction, label_sides = "some", ["one", "two"], None, "b_to_a", (False, True)

        def __len__(self):
            return 2

        def is_of_ids(self, side):
            return True

        def read_side(self, index, side):
            return np.repeat(np.uint8(colours)[::-1, None], 99, 1)

    found = pix2pixhd.Pix2PixHD.fit_to({}, Labelled())
    assert found == {"label_colours": [*colours[:2], colours[2]], "unlabelled": True}


@pytest.mark.slow
def test_each_picture_has_styles_of_its_name(trained, call, tmp_path):
    """With one seed for all of them the first wall of every picture would have the same style."""
    _, folder = trained
    pairs = terraces()
    one = images.to_uint8(pairs.pair(0)[0]["image"])
    (tmp_path / "in").mkdir()
    for name in ("first", "second"):
        images.write(tmp_path / "in" / f"{name}.png", one)
    made = []
    for number, words in enumerate([["in"], ["in"], ["in/second.png"], ["in", "--seed", "1"]]):
        out = tmp_path / str(number)
        status, _, line = call("translate", folder, tmp_path / words[0], "--out", out, *words[1:])
        assert (status, line) == (0, "")
        made.append({path.stem: images.read(path) for path in out.iterdir()})
    assert (made[0]["first"] != made[0]["second"]).any() and (made[0]["first"] != made[3]["first"]).any()
    np.testing.assert_array_equal(made[0]["first"], made[1]["first"])
    np.testing.assert_array_equal(made[0]["second"], made[2]["second"])
    found = candidates.from_run(folder, pairs, 5, load_instances=lambda: pairs)
    for index, name in enumerate(pairs.names):
        source = {key: side[None] for key, side in pairs.pair(index)[0].items()}
        wanted = images.to_uint8(trained[0].translate(source, editing.seed_of(5, name))[0])
        assert np.abs(found.images[index].astype(int) - wanted).max() <= 1


@pytest.mark.slow
def test_the_command_line_gives_instances_and_styles(trained, call, tmp_path):
    _, folder = trained
    source, _ = terraces().pair(0)
    labels, ids = tmp_path / "labels.png", tmp_path / "ids" / "labels.png"
    ids.parent.mkdir()
    images.write(labels, images.to_uint8(source["image"]))
    Image.fromarray(source["instances"][..., 0].astype(np.uint16)).save(ids)
    Image.fromarray(np.zeros((8, 8), np.uint16)).save(tmp_path / "small.png")
    made = {}
    for name, options in {
        "file": ["--instances", ids, "--style", "1=0"],
        "folder": ["--instances", ids.parent, "--style", "1=0"],
        "parts": [],
    }.items():
        status, _, line = call("translate", folder, labels, "--out", tmp_path / name, *options)
        assert (status, line) == (0, "")
        made[name] = images.read(tmp_path / name / "labels.png")
    np.testing.assert_array_equal(made["file"], made["folder"])
    ids = ids.rename(ids.with_name("labels_gtFine_instanceIds.PNG"))
    assert call("translate", folder, labels, "--out", tmp_path / "matched", "--instances", ids.parent)[0] == 0
    seed = editing.seed_of(0, "labels")
    wanted = trained[0].translate(source_of(source), seed, styles={1: 0})
    assert np.abs(made["file"].astype(int) - images.to_uint8(wanted[0])).max() <= 1
    assert (made["file"] != made["parts"]).any()
    for options, said in (
        (["--style", "widow=1"], "did you mean window?"),
        (["--style", "window=99"], "pix2pix-tf: --style window=99: class window has style"),
        (["--style", "99999=0"], f"--style 99999=0: 99999 is no instance of {labels}; expected one of"),
        (["--instances", ids, "--style", "1=99"], f"{labels}: --style 1=99: class "),
        (["--instances", tmp_path / "small.png"], "has 8x8 pixels"),
        (["--instances", tmp_path / "none.png"], "no such file or folder"),
        (["--instances", labels], "is the label map itself"),
        (["--instances", tmp_path], f"{labels}: has no instances of its name in {tmp_path}"),
    ):
        status, _, line = call("translate", folder, labels, "--out", tmp_path / "refused", *options)
        assert status == 2 and said in line and line.count("\n") <= 1, line
    for name, said in (
        (editing.ENCODER, "encoder.keras: is the encoder of a run, which makes no images; give the run's folder"),
        ("generator.keras", "generator.keras: takes label maps as 15 planes, .*; give the run's folder"),
    ):
        status, _, line = call("translate", folder / name, labels, "--out", tmp_path / "refused")
        assert status == 2 and re.search(said, line), line
    assert not (tmp_path / "refused").exists()


@pytest.mark.slow
def test_a_sheet_shows_every_style_of_what_changes(trained, call, tmp_path):
    model, folder = trained
    source, photo = terraces().pair(0)
    labels, ids, truth = (tmp_path / f"{name}.png" for name in ("labels", "ids", "photo"))
    images.write(labels, images.to_uint8(source["image"]))
    images.write(truth, images.to_uint8(photo))
    Image.fromarray(source["instances"][..., 0].astype(np.uint16)).save(ids)
    size, count = source["image"].shape[0], len(model.styles.centres[model.editor.names.index("window")])
    given = ["--instances", ids, "--out", tmp_path / "new" / "sheet.png"]
    status, printed, line = call("edit", folder, labels, "--change", "Window", "--style", "1=0", *given)
    assert (status, line) == (0, "")
    assert printed.startswith("window, instances ") and f": {count} style" in printed
    sheet = images.read(tmp_path / "new" / "sheet.png")
    scale, side = -(-180 // (size + 2)), -(-180 // (size + 2)) * (size + 2)
    head = len(sheet) - side if count <= 4 else len(sheet) // 2 - side
    first = sheet[head + scale : head + side - scale : scale, 2 * side + scale : 3 * side - scale : scale]
    wanted = images.to_uint8(
        model.translate(source_of(source), editing.seed_of(0, "labels"), styles={"window": 0, 1: 0})[0]
    )
    assert np.abs(first.astype(int) - wanted).max() <= 1
    status, printed, line = call("edit", folder, labels, "--photo", truth, *given)
    assert (status, line) == (0, "") and printed.startswith("instance ")
    for options, said in (
        (["--change", "widow"], "--change widow: widow is no class; did you mean window?"),
        (["--change", "99999"], "--change 99999: 99999 is no instance of the picture; expected one of"),
        (["--change", "balcony"], "the picture has none; it has"),
        (["--photo", tmp_path / "none.png"], "none.png"),
        (["--instances", tmp_path / "none.png"], "no such file or folder"),
        (["--instances", tmp_path], f"{labels}: has no instances of its name in {tmp_path}"),
        (["--out", tmp_path / "other" / "sheet.txt"], "expected the name of a .png or .jpg file"),
        (["--change", "widow", "--out", tmp_path / "other" / "sheet.png"], "--change widow"),
    ):
        status, _, line = call("edit", folder, labels, *given, *options)
        assert status == 2 and said in line and line.count("\n") <= 1, line
    (tmp_path / "folder.png").mkdir()
    status, _, line = call("edit", folder, labels, *given, "--out", tmp_path / "folder.png")
    assert status == 2 and "is a folder" in line and not (tmp_path / "other").exists()


def test_options_of_other_runs_are_refused(call, tmp_path):
    images.write(tmp_path / "labels.png", np.zeros((32, 32, 3), np.uint8))
    for option in (["--style", "window=1"], ["--instances", tmp_path]):
        status, _, line = call("translate", "streets", tmp_path / "labels.png", "--out", tmp_path / "out", *option)
        assert status == 2 and "leave it out" in line
    for options, said in (
        (["--phases", "1,2,3", "--steps", "7"], "6 steps together"),
        (["--phases", "many"], "expected numbers of steps"),
        (
            ["--adversarial", "minimax"],
            "--adversarial minimax: is not for --method pix2pixhd; expected one of least_sq",
        ),
        (["--adversarial", "none"], "--adversarial none: is not for --method pix2pixhd; expected one of least_squares"),
        (["--perceptual-layers", "a,b"], "--perceptual-layers a,b: is of no use with --perceptual none; leave it out"),
        (["--perceptual-file", "a"], "--perceptual-file a: is of no use with --perceptual none; leave it out"),
        (["--perceptual-weight", "5"], "--perceptual-weight 5.0: is of no use with --perceptual none; leave it out"),
        (["--enhancers", "0", "--enhancer-blocks", "3"], "--enhancer-blocks 3: is of no use with --enhancers 0"),
        (["--enhancers", "9"], "expected a multiple of"),
        (["--direction", "a_to_b"], "no label maps"),
        (["--perceptual", "squeezenet"], "give --perceptual-file, their file"),
        (["--perceptual", "vgg91"], "did you mean vgg19?"),
        (["--scales", "0"], "--scales"),
    ):
        status, _, line = call(
            "train", "--method", "pix2pixhd", "--out", tmp_path / "run", "--image-size", "32", *options
        )
        assert status == 2 and said in line, (options, line)
    assert not (tmp_path / "run").exists()


def test_a_perceptual_loss_is_that_of_its_network(tmp_path):
    """By a Keras model's file and a layer of it; its weights are not the generator's to learn."""
    image = keras.Input((None, None, 3))
    layer = keras.layers.Conv2D(4, 3, activation="relu", name="seen", kernel_initializer="glorot_normal")
    keras.Model(image, layer(image)).save(tmp_path / "network.keras")
    options = {"perceptual": str(tmp_path / "network.keras"), "perceptual_layers": ["seen"], "perceptual_weight": 500.0}
    model, without = build(**options), build()
    loss = perceptual.build(options["perceptual"], layers=["seen"])
    seen, target, ids, _ = model.look(*batch())
    fake = model.generate(model.condition(seen, target, ids))
    before = [one.numpy() for one in model.perceptual.network.weights]
    found = model.train_step(*batch())
    assert float(found["perceptual"]) == pytest.approx(float(loss(target, fake)), rel=1e-5) and found["perceptual"] > 0
    assert "perceptual" not in without.train_step(*batch())
    for now, was in zip(model.perceptual.network.weights, before, strict=True):
        np.testing.assert_array_equal(now.numpy(), was)
    pairs = zip(gradients_of(model), gradients_of(without), strict=True)
    assert max(np.abs(one - other).max() for one, other in pairs) > 0.1


def test_a_batch_without_instances_is_refused():
    source, target = batch()
    with pytest.raises(errors.InputError, match="source has no instances"):
        build().train_step(source["image"], target)
    with pytest.raises(errors.InputError, match="expected whole numbers"):
        build().train_step({**source, "instances": tf.cast(source["instances"], tf.float32)}, target)


def test_a_finished_run_gets_back_what_was_removed(trained, tmp_path):
    _, folder = trained
    copy = shutil.copytree(folder, tmp_path / "run")
    saved = {name: (copy / name) for name in ("generator.keras", "styles.json", editing.ENCODER)}
    model = build(features=2, phases=[2, 1, 2], learning_rate=2e-3)
    resume = functools.partial(
        training.fit, pairs=terraces(), steps=5, run_dir=copy, checkpoint_every=5, preview_every=5, resume=True
    )
    for names in [*([name] for name in saved), list(saved)]:
        for name in names:
            saved[name].unlink()
        with pytest.raises(errors.InputError, match=f"has no {names[0]}; .*pix2pix-tf train --resume --out {copy}"):
            runs.open(copy).translator()
        resume(model)
        assert saved["styles.json"].read_text() == (folder / "styles.json").read_text()
        weights = [translation.load(one / editing.ENCODER, "float32").get_weights() for one in (copy, folder)]
        for one, other in zip(*weights, strict=True):
            np.testing.assert_array_equal(one, other)
        assert saved["generator.keras"].exists()
    saved["styles.json"].unlink()
    shutil.rmtree(copy / "checkpoints")
    before = saved["generator.keras"].read_bytes()
    with pytest.raises(errors.InputError, match=r"lost its checkpoints, so it cannot get back styles\.json"):
        resume(model)
    assert saved["generator.keras"].read_bytes() == before


def test_label_maps_of_ids_are_read_as_a_run_has_learned_them(tmp_path):
    """A grey file is ids where the classes are colours of ids, and greys for any other run."""
    stored = np.random.default_rng(0).choice(np.uint8([0, 7, 255]), (32, 32))
    Image.fromarray(stored).save(tmp_path / "labels.png")
    colours = [images.colour_ids(number).tolist() for number in (0, 7, 255)]
    learned, other = build(label_colours=colours, unlabelled=True).editor, build().editor
    assert learned.planes.of_ids and not other.planes.of_ids
    found = choices.Choice("run", learned, None, ()).read(tmp_path / "labels.png")
    np.testing.assert_array_equal(found, images.colour_ids(stored))
    indexed = Image.fromarray(stored)
    indexed.putpalette([value for number in range(256) for value in (number, 255 - number, 99)])
    indexed.save(tmp_path / "indexed.png")  # a palette of other colours than those of ids
    np.testing.assert_array_equal(choices.Choice("run", learned, None, ()).read(tmp_path / "indexed.png"), found)
    images.write(tmp_path / "coloured.png", found)
    np.testing.assert_array_equal(choices.Choice("run", learned, None, ()).read(tmp_path / "coloured.png"), found)
    with pytest.raises(errors.InputError, match="is no label map of the colours that the run has learned"):
        choices.Choice("run", other, None, ()).read(tmp_path / "labels.png")


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([0, 7, 8], "labels.png: has the class id 8, not learned by run; expected those that it has, 0, 7$"),
        ([7, 9, 8], "has the class ids 8, 9, not"),
        ([0, 255], r"has the class id 255 \(unlabelled\), not"),
    ],
)
def test_an_id_that_a_run_has_not_learned_is_named(tmp_path, numbers, said):
    """Ids are exact; the colour that stands for one may be near that of any other."""
    Image.fromarray(np.resize(np.uint8(numbers), (32, 32))).save(tmp_path / "labels.png")
    learned = build(label_colours=images.colour_ids([0, 7]).tolist()).editor
    with pytest.raises(errors.InputError, match=said):
        choices.Choice("run", learned, None, ()).read(tmp_path / "labels.png")


def test_a_photograph_is_no_label_map(tmp_path):
    photograph = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    Image.fromarray(photograph).save(tmp_path / "photo.png")
    learned = build(label_colours=images.colour_ids([0, 7]).tolist()).editor
    with pytest.raises(
        errors.InputError, match="photo.png: is no greyscale PNG or BMP of ids of classes, from which run has learned"
    ):
        choices.Choice("run", learned, None, ()).read(tmp_path / "photo.png")
    with pytest.raises(errors.InputError, match=r"photo.png: is no label map .* \d+% of its pixels have others"):
        choices.Choice("run", build().editor, None, ()).read(tmp_path / "photo.png")


def test_an_unknown_id_has_no_class_and_from_python_a_warning_says_so():
    """Of colours the nearest class is taken; the id 8 is as near to 0 as to nothing."""
    model = build(label_colours=images.colour_ids([0, 7]).tolist())
    label_maps = images.to_float(images.colour_ids(np.resize([0, 7, 8, 255], (1, 32, 32))))
    planes = np.asarray(model.planes(label_maps, np.zeros((1, 32, 32, 1), np.int32)))[0, ..., :2]
    np.testing.assert_array_equal(planes[0, :4], [[1, 0], [0, 1], [0, 0], [0, 0]])
    half = model.planes(tf.cast(label_maps, tf.bfloat16), np.zeros((1, 32, 32, 1), np.int32))[0, ..., :2]
    np.testing.assert_array_equal(tf.cast(half, tf.float32), planes)
    with pytest.warns(errors.NoteWarning, match=r"that the run has not learned \(255, 8\)"):
        model.translate(label_maps)


def test_classes_of_ids_are_called_by_their_ids():
    colours = images.colour_ids([7, 33, 255]).tolist()
    assert build(label_colours=colours, unlabelled=True).editor.names == ("class7", "class33", "unlabelled")
    assert build().editor.names[:2] == ("background", "facade")


def test_from_python_too_a_photograph_is_no_label_map():
    photograph = np.random.default_rng(0).uniform(-1, 1, (1, 32, 32, 3)).astype(np.float32)
    label_maps = images.to_float(images.colour_ids(np.resize([0, 7], (1, 32, 32))))
    of_ids = build(label_colours=images.colour_ids([0, 7]).tolist())
    for model, wrong in ((build(), photograph), (build(), label_maps / 2 + 0.5), (of_ids, photograph)):
        with pytest.raises(errors.InputError, match="labels: is no label map"):
            model.translate(wrong)


def test_what_cannot_be_meant_is_refused(trained, call, tmp_path):
    """One file of instances for several label maps, two styles for one thing, the label map as its own instances."""
    _, folder = trained
    source = terraces().pair(0)[0]
    (tmp_path / "in").mkdir()
    for name in ("one", "two"):
        images.write(tmp_path / "in" / f"{name}.png", images.to_uint8(source["image"]))
    ids = tmp_path / "ids.png"
    Image.fromarray(source["instances"][..., 0].astype(np.uint16)).save(ids)
    one, out = tmp_path / "in" / "one.png", ("--out", tmp_path / "out")
    for words, said in (
        ((tmp_path / "in", "--instances", ids), f"--instances {ids}: is one file, for 2 images"),
        ((one, "--instances", one), f"--instances {one}: is the label map itself"),
        ((one, "--style", "facade=0", "--style", "facade=1"), "--style facade=1: another style is asked for the same"),
    ):
        status, _, line = call("translate", folder, *words, *out)
        assert status == 2 and said in line
    words = ("--change", "facade", "--style", "facade=0", "--out", tmp_path / "sheet.png")
    status, output, line = call("edit", folder, one, *words)
    assert (status, output) == (2, "") and "--style facade=0: facade gets all styles on the sheet" in line
    with pytest.raises(ValueError, match="adversarial_weight, .* are all 0"):
        build(adversarial_weight=0.0, feature_matching_weight=0.0)


def test_a_chosen_style_of_a_class_without_instances_is_said_to_be_the_mean(trained):
    """Terraces have no pillars."""
    source = {name: side[None] for name, side in terraces().pair(0)[0].items()}
    with pytest.warns(errors.NoteWarning, match="no instance was found of pillar; the mean of all styles"):
        trained[0].translate(source, styles={"pillar": 0})
