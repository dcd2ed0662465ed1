"""A scorecard gives the numbers of its parts, repeats, and refuses in one line what cannot be scored."""

import functools
import json
import shutil

import numpy as np
import pytest
import toy
from PIL import Image

from pix2pix_tf import cyclegan, datasets, errors, evaluation, generators, images, metrics, pix2pix, training
from pix2pix_tf.evaluation import album, artefacts, baselines, candidates, inputs, measures, spread, tables
from pix2pix_tf.metrics import labels
from pix2pix_tf.pretrained import extractors

SIZE = 16


@pytest.fixture(scope="module", autouse=True)
def quick(tmp_path_factory):
    """Keep segmenters in a folder of these tests, and let them learn little: what is tested is not how well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIX2PIX_TF_DATA", str(tmp_path_factory.mktemp("data")))
        patch.setattr(
            evaluation, "scorecard", functools.partial(evaluation.scorecard, segmenter_steps=3, segmenter_margin=-1)
        )
        patch.setattr(spread, "REPEATS", 5)
        patch.setattr(spread, "RESAMPLES", 50)
        yield


@pytest.fixture(scope="module")
def pairs_folder(tmp_path_factory):
    """Return a folder of pairs with label maps in B: 12 to train on, 6 to validate."""
    folder = tmp_path_factory.mktemp("set") / "fronts"
    for split, count in (("train", 12), ("val", 6)):
        pairs = datasets.load("synthetic", split, SIZE, count=count, jitter=False)
        for side, index in (("A", 1), ("B", 0)):
            (folder / side / split).mkdir(parents=True)
            for number in range(count):
                images.write(folder / side / split / f"{number}.png", images.to_uint8(pairs.pair(number)[index]))
    return folder


def trained(folder, data, seed):
    """Train a run of two steps."""
    pairs = datasets.load(data, "train", SIZE, "b_to_a")
    model = pix2pix.Pix2Pix(SIZE, filters=4, discriminator_layers=1, precision="float32", seed=seed)
    with toy.eagerly():
        training.fit(model, pairs, 2, folder, seed=seed)
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory, pairs_folder):
    """Return two runs that differ in their seed."""
    base = tmp_path_factory.mktemp("runs")
    return [trained(base / f"run-{seed}", pairs_folder, seed) for seed in (0, 1)]


@pytest.fixture(scope="module")
def validation(pairs_folder):
    """Return the validation pairs as a scorecard sees them."""
    return datasets.load(pairs_folder, "val", SIZE, "b_to_a")


@pytest.fixture
def translations(tmp_path, validation):
    """Return a folder of translations: the true photos, every value 10 higher."""
    folder = tmp_path / "translations"
    folder.mkdir()
    for index, name in enumerate(validation.names):
        photo = images.to_uint8(validation.pair(index)[1])
        Image.fromarray(np.minimum(photo, 245) + np.uint8(10)).save(folder / f"{name}.png")
    return folder


@pytest.fixture(scope="module")
def card(runs):
    """Return the scorecard of both runs, with features."""
    network = generators.unet(SIZE, out_channels=8, filters=4, seed=0)
    return evaluation.scorecard(runs, extractor=extractors.named(network))


def test_a_folder_scores_what_its_pictures_do(translations, validation, pairs_folder):
    found = evaluation.scorecard([translations], data=pairs_folder, direction="b_to_a")
    measures = found["scores"][0]["measures"]
    outputs = np.stack([images.to_float(images.read(translations / f"{name}.png")) for name in validation.names])
    truth = validation.examples(range(len(validation)))[1]
    assert measures["l1"]["value"] == pytest.approx(metrics.l1(truth, outputs))
    assert measures["psnr"]["value"] == pytest.approx(metrics.psnr(truth, outputs))
    assert measures["histogram_L"]["value"] == pytest.approx(metrics.histogram_intersection(truth, outputs)["L"])
    assert all(measures[name]["low"] <= measures[name]["value"] <= measures[name]["high"] for name in ("l1", "psnr"))
    assert {one["n"] for one in measures.values()} == {6}
    assert found["protocol"]["image_size"] == SIZE and found["protocol"]["split"] == "val"


def test_a_run_scores_what_its_translations_do(card, runs, pairs_folder, validation, tmp_path):
    generated = candidates.from_run(runs[0], validation, seed=0)
    for name, image in zip(validation.names, generated.images, strict=True):
        Image.fromarray(image).save(tmp_path / f"{name}.webp", lossless=True)
    found = evaluation.scorecard([tmp_path], data=pairs_folder, direction="b_to_a")["scores"][0]["measures"]
    of_run = card["scores"][0]["measures"]
    assert found and found == {name: of_run[name] for name in found}
    assert "diversity" in of_run and "diversity" not in found


def test_the_discriminators_gap_is_that_of_the_last_preview(runs, pairs_folder, tmp_path):
    shutil.copytree(runs[0], tmp_path / "run")
    rows = "step,memorised,source_counts,images_per_second\n100,.5,1,9\n200,1.25,-.5,9\n250,,,9\n"
    (tmp_path / "run" / "history.csv").write_text(rows)
    card = evaluation.scorecard([tmp_path / "run", runs[1]], pairs_folder)
    own, other, *_ = (score["measures"] for score in card["scores"])
    assert own["memorised"] == {"value": 1.25, "step": 200} and own["source_counts"] == {"value": -0.5, "step": 200}
    assert "memorised" not in other  # images this small are not measured in training
    assert "1.250 at step 200" in evaluation.text(card) and "-0.500 at step 200" in evaluation.text(card)


def test_a_scorecard_repeats(card, runs):
    network = generators.unet(SIZE, out_channels=8, filters=4, seed=0)
    assert evaluation.scorecard(runs, extractor=extractors.named(network)) == card


def test_a_scorecard_has_baselines_and_what_could_be_reached(card, runs):
    rows = {score["name"]: score["measures"].keys() for score in card["scores"]}
    assert list(rows) == [
        *map(str, runs),
        "mean colour per class",
        "nearest training pair",
        *(measures.REAL, measures.TRAIN),
    ]
    assert rows[measures.REAL] == {*labels.SCORES, "colour_spread", "droplet"}
    assert {"frechet_distance", "kernel_distance", "histogram_L"} <= rows[measures.TRAIN]
    assert "ms_ssim" in card["left_out"] and "inception_score" in card["left_out"]
    assert "coverage" in card["left_out"]  # three images have no fifth neighbour
    json.dumps(card, allow_nan=False)


def test_runs_that_differ_in_their_seed_give_a_spread_over_seeds(card, runs):
    (group,) = card["seeds"]
    assert group["names"] == [str(run) for run in runs]
    values = [score["measures"]["l1"]["value"] for score in card["scores"][:2]]
    expected = {"mean": np.mean(values), "std": abs(values[0] - values[1]) / np.sqrt(2), "runs": 2}
    assert group["measures"]["l1"] == pytest.approx(expected)


def test_differences_are_of_the_same_images(card, runs, validation):
    rows = {row["name"]: row["measures"] for row in card["differences"]}
    assert list(rows) == [str(runs[1]), "mean colour per class", "nearest training pair", measures.REAL]
    assert {row["from"] for row in card["differences"]} == {str(runs[0])}
    first, second = (candidates.from_run(run, validation, seed=0).images for run in runs)
    truth = validation.examples(range(len(validation)))[1]
    first, second = (metrics.per_image("l1", truth, images.to_float(outputs)) for outputs in (first, second))
    found, gaps = rows[str(runs[1])]["l1"], second - first
    assert found["value"] == pytest.approx(gaps.mean(), abs=1e-6)
    random = np.random.default_rng(0)
    draws = [gaps[random.integers(6, size=6)].mean() for _ in range(spread.RESAMPLES)]
    ends = np.quantile(draws, [0.025, 0.975], method="closest_observation")
    assert [found["low"], found["high"]] == pytest.approx(ends.tolist(), abs=1e-6)
    scores = {score["name"]: score["measures"] for score in card["scores"]}
    assert rows[measures.REAL].keys() == set(labels.SCORES)
    for name in labels.SCORES:
        expected = scores[measures.REAL][name]["value"] - scores[str(runs[0])][name]["value"]
        assert rows[measures.REAL][name]["value"] == pytest.approx(expected)


def test_the_tables_say_which_differences_tell_apart(card):
    written = evaluation.text(card)
    assert "Against the true photo: difference from the first, image by image" in written
    found = card["differences"][0]["measures"]["l1"]
    assert f"{found['value']:+.3f} [{found['low']:+.3f}, {found['high']:+.3f}]" in written
    assert "a difference whose interval leaves out 0" in written


def test_other_runs_are_no_seeds_of_one_another(runs):
    configs = [json.loads((run / "config.json").read_text()) for run in runs]
    configs[1]["model"]["reconstruction"] = "l2"
    entries = [candidates.Candidate(str(number), None, config) for number, config in enumerate(configs)]
    assert spread.over_seeds(entries, [{"name": "", "measures": {}}] * 2) == []


def test_baselines_are_what_they_say(pairs_folder, validation):
    train = datasets.load(pairs_folder, "train", SIZE, "b_to_a", jitter=False)
    mean, nearest = baselines.baselines(validation, train)
    label_maps, photos = map(images.to_uint8, train.examples(range(len(train))))
    label_map = images.to_uint8(validation.pair(0)[0])
    row, column = 3, 5
    same = photos[np.all(label_maps == label_map[row, column], -1)]
    np.testing.assert_allclose(mean.images[0][row, column], same.mean(0), atol=1)
    assert any(np.array_equal(nearest.images[0], photo) for photo in photos)
    again = baselines.baselines(train, train)[1]
    np.testing.assert_array_equal(again.images, photos)  # the nearest to a training pair is itself


def test_without_label_maps_the_baseline_is_the_mean_image(pairs_folder):
    train = datasets.load(pairs_folder, "train", SIZE, "a_to_b", jitter=False)
    mean, _ = baselines.baselines(train, train)
    assert mean.name == "mean training target"
    np.testing.assert_allclose(mean.images[0], images.to_uint8(train.examples(range(12))[1].mean(0)), atol=1)


def test_photos_to_labels_have_no_label_accuracy_by_the_segmenter(tmp_path, pairs_folder):
    pairs = datasets.load(pairs_folder, "val", SIZE, "a_to_b")
    for index, name in enumerate(pairs.names):
        Image.fromarray(images.to_uint8(pairs.pair(index)[1])).save(tmp_path / f"{name}.png")
    found = evaluation.scorecard([tmp_path], data=pairs_folder, direction="a_to_b")
    assert "the sources are no label maps" in found["left_out"]["label accuracy"]
    assert found["scores"][0]["measures"]["l1"]["value"] == 0
    assert found["scores"][0]["measures"]["psnr"]["value"] == np.inf
    assert found["differences"][0]["measures"].keys() == {"l1", "ssim"}  # not PSNR's, which is infinite


def test_tables_show_every_measure_and_every_row(card):
    for written in (evaluation.text(card), evaluation.markdown(card)):
        for score in card["scores"]:
            assert score["name"] in written
        heads = {tables.HEADS[name] for score in card["scores"] for name in score["measures"]}
        assert all(head in written for head in heads)
        assert "mean of 2 seeds" in written and "n = 6" in written
    rows = [line for line in evaluation.markdown(card).splitlines() if line.startswith("|")]
    assert "| mean of 2 seeds |" in "\n".join(rows)


def test_every_measure_has_a_head_and_a_family():
    assert tables.HEADS.keys() == {name for _, names in tables.FAMILIES for name in names}


@pytest.fixture
def call(call):
    """Return a function that runs `evaluate` and returns exit status, stdout and the line on stderr."""
    return functools.partial(call, "evaluate")


def test_the_command_prints_a_table_and_writes_all_numbers(call, translations, pairs_folder, tmp_path):
    out = tmp_path / "scores.json"
    status, printed, _ = call(translations, "--data", pairs_folder, "--direction", "b_to_a", "--out", out, "--markdown")
    assert status == 0 and "| L1 ↓ |" in printed and f"all numbers: {out}" in printed
    written = json.loads(out.read_text())
    assert written["scores"][0]["name"] == str(translations)
    assert written["left_out"]["measures of sets"].startswith("no feature extractor was given")


def damage(folder, what):
    """Spoil a folder of translations."""
    files = sorted(folder.iterdir())
    if what == "missing":
        files[0].unlink()
    if what == "one too many":
        shutil.copy(files[0], folder / "extra.png")
    if what == "twice":
        shutil.copy(files[0], files[0].with_suffix(".webp"))
    if what == "single":
        for file in files[1:]:
            file.unlink()
    if what == "no image":
        files[1].write_bytes(b"no image")


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("missing", "1 inputs have no translation of .*such as 0.*; name each translation like its input"),
        ("one too many", "1 files belong to no input of .*such as extra"),
        ("twice", "two translations of one name; remove one"),
        ("single", "neither a run nor a folder of at least two translations"),
        ("no image", "1.png"),
    ],
)
def test_spoilt_folders_are_refused(call, translations, pairs_folder, tmp_path, what, message):
    damage(translations, what)
    words = ("--data", pairs_folder, "--direction", "b_to_a", "--out", tmp_path / "scores.json")
    status, printed, line = call(translations, *words)
    assert (status, printed) == (2, "") and line.count("\n") == 1, line
    with pytest.raises(errors.InputError, match=message):
        raise errors.InputError(line)
    assert not (tmp_path / "scores.json").exists()


def refuse(call, *words):
    """Assert that words are refused with status 2; return the last line on stderr."""
    status, printed, lines = call(*words)
    assert (status, printed) == (2, ""), lines
    return lines.splitlines()[-1]


def test_runs_that_cannot_be_scored_are_refused(call, runs, tmp_path, translations, pairs_folder):
    assert "say with --data which set" in refuse(call, translations)
    assert "no such folder; expected a run" in refuse(call, tmp_path / "nothing", "--data", pairs_folder)
    unfinished = tmp_path / "unfinished"
    unfinished.mkdir()
    shutil.copy(runs[0] / "config.json", unfinished)
    assert "has no generator.keras; a run writes it when it ends" in refuse(call, unfinished)
    other = tmp_path / "other"
    shutil.copytree(runs[0], other)
    config = json.loads((other / "config.json").read_text())
    config["data"]["image_size"] = 32
    del config["checksum"]
    (other / "config.json").write_text(json.dumps(config))
    assert "has image size 32, and the others have 16; evaluate them apart" in refuse(call, runs[0], other)
    config["data"]["name"] = "synthetic"
    (other / "config.json").write_text(json.dumps(config))
    assert "the runs are of different sets" in refuse(call, runs[0], other)


@pytest.fixture(scope="module")
def two_way(tmp_path_factory, pairs_folder):
    """Return a CycleGAN's run of one step, on the two sides of pairs."""
    folder = tmp_path_factory.mktemp("runs") / "two_way"
    domains = datasets.load(pairs_folder, "train", SIZE, unpaired=True)
    model = cyclegan.CycleGAN(SIZE, blocks=1, filters=2, discriminator_layers=1, precision="float32")
    with toy.eagerly():
        training.fit(model, domains, 1, folder)
    return folder


@pytest.mark.parametrize("direction", [None, *datasets.DIRECTIONS])
def test_a_run_that_learned_both_ways_is_scored_in_the_direction_asked_for(two_way, pairs_folder, direction):
    card = evaluation.scorecard([two_way], direction=direction)
    expected = direction or "a_to_b"  # the set's own
    assert card["protocol"]["direction"] == expected
    pairs = datasets.load(pairs_folder, "val", SIZE, expected)
    sources, targets = pairs.examples(range(len(pairs)))
    outputs = cyclegan.CycleGAN.load(two_way).translate(sources, expected)
    stored = images.to_float(images.to_uint8(outputs))
    assert card["scores"][0]["measures"]["l1"]["value"] == pytest.approx(metrics.l1(targets, stored), abs=1e-6)


DOMAIN_COUNTS = {"trainA": 9, "trainB": 4, "testA": 8, "testB": 6}


@pytest.fixture(scope="module")
def domains_folder(tmp_path_factory):
    """Return a folder of unpaired images: labels in A, photos in B, more of A than of B."""
    folder = tmp_path_factory.mktemp("set") / "domains"
    for name, count in DOMAIN_COUNTS.items():
        pairs = datasets.load("synthetic", "train", SIZE, count=count, jitter=False)
        (folder / name).mkdir(parents=True)
        for number in range(count):
            image = images.to_uint8(pairs.pair(number)[int(name.endswith("B"))])
            images.write(folder / name / f"{name}_{number}.png", image)
    return folder


def read_all(folder):
    """Return the images of a folder in the order of their names, uint8."""
    return np.stack([images.read(path) for path in sorted(folder.iterdir())])


def colours_and_distance(extractor, real, generated):
    """Measure two sets as a scorecard should."""
    overlap = metrics.histogram_intersection(images.to_float(real), images.to_float(generated))
    distance = metrics.frechet_distance(extractor(real), extractor(generated))
    return [*overlap.values(), distance]


@pytest.mark.parametrize(("direction", "of_inputs", "of_targets"), [("a_to_b", "A", "B"), ("b_to_a", "B", "A")])
def test_without_pairs_sets_are_compared_in_either_direction(two_way, domains_folder, direction, of_inputs, of_targets):
    extractor = extractors.named(generators.unet(SIZE, out_channels=8, filters=4, seed=0))
    card = evaluation.scorecard([two_way], domains_folder, direction=direction, extractor=extractor)
    inputs, targets = (read_all(domains_folder / f"test{side}") for side in (of_inputs, of_targets))
    translated = cyclegan.CycleGAN.load(two_way).translate(images.to_float(inputs), direction)
    training = read_all(domains_folder / f"train{of_targets}")
    if len(training) > len(inputs):
        training = training[np.sort(np.random.default_rng(0).permutation(len(training))[: len(inputs)])]
    sets = {str(two_way): images.to_uint8(translated), "not translated": inputs, measures.TRAIN: training}
    rows = {score["name"]: score["measures"] for score in card["scores"]}
    for name, pictures in sets.items():
        expected = colours_and_distance(extractor, targets, pictures)
        found = [rows[name][measure] for measure in ("histogram_L", "histogram_a", "histogram_b", "frechet_distance")]
        assert [one["value"] for one in found] == pytest.approx(expected, rel=1e-3)
        assert {one["n"] for one in found} == {len(pictures)}
        assert {one["subsamples"]["size"] for one in found} == {min(len(pictures), len(targets)) // 2}
        assert {one["subsamples"]["low"] < one["subsamples"]["high"] for one in found} == {True}
    used = card["protocol"]
    assert (used["paired"], used["n"], used["targets"], used["split"]) == (False, len(inputs), len(targets), "test")
    assert f"n = {len(inputs)} against {len(targets)} real images" in evaluation.text(card)


def test_without_pairs_what_needs_them_is_left_out_with_the_reason(two_way, domains_folder):
    card = evaluation.scorecard([two_way], domains_folder, direction="a_to_b")
    measured = {name for score in card["scores"] for name in score["measures"]}
    assert measured == {"histogram_L", "histogram_a", "histogram_b", "diversity", "colour_spread", "droplet"}
    left_out = {"measures against the true photo", "label accuracy", "measures of sets", "spectral_peak"}
    assert card["left_out"].keys() == left_out
    assert "not in pairs" in card["left_out"]["measures against the true photo"]
    assert card["differences"] == []
    json.dumps(card, allow_nan=False)


def test_translations_of_one_domain_are_named_like_its_images(tmp_path, domains_folder, call):
    for path in (domains_folder / "testB").iterdir():
        shutil.copy(path, tmp_path)
    card = evaluation.scorecard([tmp_path], domains_folder, direction="b_to_a")
    assert card["scores"][0]["measures"] == card["scores"][1]["measures"]  # nothing was translated
    line = refuse(call, tmp_path, "--data", domains_folder, "--direction", "a_to_b")
    assert "8 inputs have no translation" in line and "such as testA_0, testA_1" in line


def test_sets_without_pairs_that_cannot_be_scored_are_refused(two_way, domains_folder, tmp_path, call):
    assert "translated both ways; say which to score" in refuse(call, two_way, "--data", domains_folder)
    words = (two_way, "--data", domains_folder, "--direction", "a_to_b")
    assert "has no split 'val', only train, test" in refuse(call, *words, "--split", "val")
    shutil.copytree(domains_folder, tmp_path / "few")
    for path in sorted((tmp_path / "few" / "testB").iterdir())[1:]:
        path.unlink()
    assert "has 1 image of a domain" in refuse(call, two_way, "--data", tmp_path / "few", "--direction", "a_to_b")


def test_of_a_few_unpaired_images_only_the_reason_is_reported(two_way, domains_folder, tmp_path):
    shutil.copytree(domains_folder, tmp_path / "few")
    for path in sorted((tmp_path / "few" / "testB").iterdir())[3:]:
        path.unlink()
    card = evaluation.scorecard([two_way], tmp_path / "few", direction="a_to_b")
    assert "3 images are too few" in card["left_out"]["measures of sets"]
    measured = {name for score in card["scores"] for name in score["measures"]}
    assert measured == {"diversity", "colour_spread", "droplet"}


def test_extractors_that_cannot_be_had_are_refused(call, runs, tmp_path):
    weights = tmp_path / "weights.pth"
    weights.write_bytes(b"not the weights")
    assert "of which network? say it with --extractor" in refuse(call, runs[0], "--weights", weights)
    assert "did you mean inception" in refuse(call, runs[0], "--extractor", "inceptoin")
    line = refuse(call, runs[0], "--extractor", "inception", "--weights", weights)
    assert "weights.pth: has SHA-256" in line
    assert "folder that exists" in refuse(call, runs[0], "--out", tmp_path / "nowhere" / "scores.json")


def test_the_split_that_everything_is_made_of_is_refused(runs, tmp_path, call):
    with pytest.raises(errors.InputError, match="split train: baselines.*choose val or test"):
        evaluation.scorecard(runs, split="train")
    assert "folder that exists" in refuse(call, runs[0], "--out", tmp_path)


def test_two_groups_of_seeds_stand_below_their_own_runs(card):
    names = [f"run {number}" for number in range(4)]
    scores = [{**card["scores"][0], "name": name} for name in names]
    groups = [{**card["seeds"][0], "names": names[:2]}, {**card["seeds"][0], "names": names[2:]}]
    rows = tables.table({**card, "scores": scores, "seeds": groups}, ["l1"])
    assert [row[0] for row in rows] == ["", *names[:2], "mean of 2 seeds", *names[2:], "mean of 2 seeds"]


def test_a_set_of_one_pair_is_refused(call, runs, tmp_path, pairs_folder):
    single = tmp_path / "single"
    for side in "AB":
        (single / side / "val").mkdir(parents=True)
        (single / side / "train").mkdir(parents=True)
        for split in ("train", "val"):
            shutil.copy(pairs_folder / side / split / "0.png", single / side / split)
    assert "has 1 pair; measures need two or more" in refuse(call, runs[0], "--data", single)


def test_translations_of_another_size_are_resized_like_the_set(translations, validation, pairs_folder):
    """As `translate` writes them of images that are no squares; all are compared at the size that is asked for."""
    for path in translations.iterdir():
        Image.open(path).resize((24, 20)).save(path)
    assert candidates.size_of(translations) == candidates.USUAL_SIZE
    found = candidates.from_folder(translations, validation).images
    for one, name in zip(found, validation.names, strict=True):
        np.testing.assert_array_equal(one, images.resize(images.read(translations / f"{name}.png"), SIZE))
    options = {"data": pairs_folder, "direction": "b_to_a"}
    card = evaluation.scorecard([translations], image_size=SIZE, **options)
    expected = metrics.l1(validation.examples(range(len(validation)))[1], images.to_float(found))
    assert card["scores"][0]["measures"]["l1"]["value"] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("side", [24, 40])
def test_squares_of_any_size_are_read_by_a_segmenter_that_halves(translations, pairs_folder, side):
    for path in translations.iterdir():
        Image.open(path).resize((side, side)).save(path)
    card = evaluation.scorecard([translations], data=pairs_folder, direction="b_to_a")
    assert card["protocol"]["image_size"] == side
    assert card["protocol"]["segmenter"]["side"] == side // 16 * 16
    assert "per_pixel_accuracy" in card["scores"][0]["measures"]


def test_label_maps_of_too_many_colours_leave_label_accuracy_out(tmp_path):
    random = np.random.default_rng(0)
    for split, count in (("train", 12), ("val", 4)):
        for number in range(count):
            palette = random.integers(0, 256, (8, 3), dtype=np.uint8)  # every picture has colours of its own
            label = palette[np.kron(random.integers(0, 8, (4, 4)), np.ones((8, 8), int))]
            photo = random.integers(0, 256, (32, 32, 3), dtype=np.uint8)
            for side, image in (("A", label), ("B", photo)):
                (tmp_path / "set" / side / split).mkdir(parents=True, exist_ok=True)
                Image.fromarray(image).save(tmp_path / "set" / side / split / f"{number}.png")
    card = evaluation.scorecard([tmp_path / "set" / "B" / "val"], data=tmp_path / "set", direction="a_to_b", labels="a")
    assert "more than 64 colours" in card["left_out"]["label accuracy"]
    assert [score["name"] for score in card["scores"]][1:3] == ["mean training target", "nearest training pair"]


def test_an_album_is_its_images():
    pictures = np.random.default_rng(0).integers(0, 256, (40, 3, 5, 3), dtype=np.uint8)
    kept = album.Album(iter(pictures))
    assert (len(kept), kept.shape) == (40, pictures.shape)
    for which in (3, -1, slice(5, 30), slice(None), np.array([7, 2])):
        np.testing.assert_array_equal(kept[which], pictures[which])
    np.testing.assert_array_equal(np.asarray(kept), pictures)
    joined = [np.concatenate(both) for both in zip(*album.parts(kept, pictures), strict=True)]
    np.testing.assert_array_equal(joined[0], joined[1])


@pytest.fixture(scope="module")
def large_folder(tmp_path_factory):
    """Return a folder of pairs large enough for a spectral peak: photos of 40 pixels, transparent on the left."""
    folder = tmp_path_factory.mktemp("set") / "large"
    for split, count in (("train", 6), ("val", 6)):
        pairs = datasets.load("synthetic", split, 40, count=count, jitter=False)
        for side, index in (("A", 0), ("B", 1)):
            (folder / side / split).mkdir(parents=True)
            for number in range(count):
                image = images.to_uint8(pairs.pair(number)[index])
                alpha = np.full((40, 40, 1), 255, np.uint8)
                if side == "B" and split == "val":
                    alpha[:, : 4 + number] = 0
                    image = np.concatenate([image, alpha], axis=2)
                Image.fromarray(image).save(folder / side / split / f"{number}.png")
    return folder


@pytest.fixture
def with_faults(tmp_path, large_folder):
    """Return a folder of translations: the true photos with a checkerboard, and a white spot at (10, 20)."""
    pairs = datasets.load(large_folder, "val", 40)
    board = np.indices((40, 40)).sum(axis=0)[..., None] % 2 * 2 - 1
    folder = tmp_path / "faults"
    folder.mkdir()
    for index, name in enumerate(pairs.names):
        image = images.to_uint8(np.clip(pairs.pair(index)[1] + 0.1 * board, -1, 1))
        image[10, 20] = 255
        Image.fromarray(image).save(folder / f"{name}.png")
    return folder


def test_artefacts_stand_beside_those_of_real_photos(with_faults, large_folder):
    card = evaluation.scorecard([with_faults], data=large_folder)
    rows = {score["name"]: score["measures"] for score in card["scores"]}
    found, real = rows[str(with_faults)], rows[measures.REAL]
    outputs = images.to_float(read_all(with_faults))
    photos = datasets.load(large_folder, "val", 40).examples(range(6))[1]
    for row, some in ((found, outputs), (real, photos)):
        peak, droplet = metrics.spectral_peak(some), metrics.droplet(some)
        assert row["spectral_peak"]["value"] == pytest.approx(peak["value"], rel=1e-4)
        assert row["spectral_peak"]["frequency"] == list(peak["frequency"])
        assert row["colour_spread"]["value"] == pytest.approx(metrics.colour_spread(some), rel=1e-4)
        assert row["droplet"]["value"] == pytest.approx(droplet["value"], rel=1e-4)
        assert row["droplet"]["place"] == list(droplet["place"])
    assert found["spectral_peak"]["frequency"] == [0.5, 0.5] and found["droplet"]["place"][:2] == [10, 20]
    for name in ("spectral_peak", "colour_spread", "droplet"):
        assert real[name]["real"] == 1 and rows[measures.TRAIN][name]["real"] > 0
        assert found[name]["real"] == pytest.approx(found[name]["value"] / real[name]["value"])
        assert found[name]["low"] <= found[name]["high"] and found[name]["n"] == 6
    assert found["spectral_peak"]["real"] > 5 and found["droplet"]["real"] > 1
    times = tables.number(found["spectral_peak"]["real"])
    assert f"] {times}x" in evaluation.text(card) and "times the value of the real photos" in evaluation.text(card)
    json.dumps(card, allow_nan=False)


def test_photos_too_small_for_a_spectral_peak_leave_it_out(card):
    assert "16x16 are too small for a spectral peak" in card["left_out"]["spectral_peak"]
    assert card["protocol"]["void"] is None
    assert not {"l1_border", "frechet_distance_void"} & {name for one in card["scores"] for name in one["measures"]}


def test_void_is_loaded_as_it_lies_in_the_files(large_folder, pairs_folder, domains_folder):
    pairs = datasets.load(large_folder, "val", 40)
    void = inputs.load_void(large_folder, pairs)
    expected = np.arange(40) < 4 + np.arange(6)[:, None]
    np.testing.assert_array_equal(void, np.broadcast_to(expected[:, None], (6, 40, 40)))
    train = datasets.load(large_folder, "train", 40, jitter=False)
    assert inputs.load_void(large_folder, train) is None  # nothing is transparent there
    assert inputs.load_void(pairs_folder, datasets.load(pairs_folder, "val", SIZE)) is None
    one_way = inputs.load(domains_folder, "test", SIZE, "a_to_b", None, None)[0]
    assert inputs.load_void(domains_folder, one_way) is None


def test_void_is_loaded_of_the_same_split(monkeypatch, validation):
    """What is asked of the data set is the split that is scored, by the name that was given."""
    asked = []

    class Marked:
        void = "none"

    monkeypatch.setattr(datasets, "load", lambda *words, **options: asked.append((words, options)) or Marked)
    assert inputs.load_void("./name", validation, "archive", "data", "both") is None
    ((words, options),) = asked
    assert words == ("./name", "val")
    expected = {"void": "auto", "image_size": SIZE, "direction": "b_to_a", "jitter": False}
    expected |= {"archive": "archive", "data_dir": "data", "labels": "both"}
    assert expected.items() <= options.items()


def test_errors_outside_void_and_distances_without_it(tmp_path, with_faults, large_folder):
    """In the void, the others are black and the photos white; that counts in all but the measures that leave it out."""
    pairs = datasets.load(large_folder, "val", 40)
    void = inputs.load_void(large_folder, pairs)
    spoilt = tmp_path / "spoilt"
    spoilt.mkdir()
    for name, where in zip(pairs.names, void, strict=True):
        image = images.read(with_faults / f"{name}.png").copy()
        image[where] = 0
        Image.fromarray(image).save(spoilt / f"{name}.png")
    extractor = extractors.named("patches")
    card = evaluation.scorecard([with_faults, spoilt], data=large_folder, extractor=extractor)
    plain, black = (score["measures"] for score in card["scores"][:2])
    photos, outputs = pairs.examples(range(6))[1], images.to_float(read_all(with_faults))
    regions = metrics.error_by_region(photos, outputs, void)
    for name, region in (("l1_outside_void", "outside"), ("l1_border", "border"), ("l1_middle", "middle")):
        assert plain[name]["value"] == pytest.approx(regions[region].mean(), rel=1e-5)
        assert plain[name]["low"] < plain[name]["value"] < plain[name]["high"]
        assert black[name] == plain[name]
    pasted = np.where(void[..., None], photos, outputs)
    distance = metrics.frechet_distance(*map(extractor, map(images.to_uint8, (photos, pasted))))
    assert plain["frechet_distance_void"]["value"] == pytest.approx(distance, rel=1e-4)
    assert black["frechet_distance_void"] == plain["frechet_distance_void"]
    assert black["frechet_distance"]["value"] > plain["frechet_distance"]["value"]
    assert black["l1"]["value"] > plain["l1"]["value"]
    assert card["differences"][0]["measures"]["l1_middle"]["value"] == 0
    assert card["protocol"]["void"] == pytest.approx(void.mean())
    written = evaluation.text(card)
    assert "where that is not void" in written and f"Void: {void.mean():.1%} of" in written


def test_photos_that_are_all_void_leave_a_region_out():
    real = np.zeros((3, 32, 8, 3), np.uint8)
    void = np.zeros((3, 32, 8), bool)
    void[:2, [0, 1, -2, -1]] = True
    left_out = {}
    found = artefacts.by_region(real, real + np.uint8(51), void, left_out)
    assert found.keys() == {("l1_outside_void",), ("l1_middle",)}
    assert left_out == {"l1_border": "1 photos show anything there; an interval needs two"}
    values, _ = found[("l1_middle",)]
    np.testing.assert_allclose(values, 0.4, rtol=1e-6)
