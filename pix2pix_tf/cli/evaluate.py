"""The command `evaluate`: runs and folders of translations beside baselines, as a table and as JSON."""

import json
import math

import tensorflow as tf

from pix2pix_tf import errors, evaluation
from pix2pix_tf.cli import outputs
from pix2pix_tf.pretrained import extractors
from pix2pix_tf.system import files


def evaluate(runs, out, as_markdown, extractor, weights, force, **options):
    """Score runs and folders of translations; print the table, write the numbers.

    Args:
        runs: paths of runs and of folders of translations.
        out: path of the JSON file.
        as_markdown: whether the table is printed as Markdown.
        extractor: name or file of a feature extractor, None for none.
        weights: path of its weights, None to download them.
        force: whether a file may be written over that is no scorecard.
        **options: those of `evaluation.scorecard`.
    """
    tf.config.experimental.enable_op_determinism()
    if weights is not None and extractor is None:
        raise errors.InputError(f"--weights {weights}: of which network? say it with --extractor")
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise errors.InputError(f"--out {out}: expected a file in a folder that exists")
    outputs.check(out, _is_scorecard, force)
    network = extractors.named(extractor, weights, progress=True) if extractor else None
    card = evaluation.scorecard(runs, extractor=network, progress=True, **options)
    print((evaluation.markdown if as_markdown else evaluation.text)(card))  # first, should the disk be full
    try:
        with files.whole(out) as unfinished:
            text = json.dumps(_replace_infinite(card), indent=2, allow_nan=False)
            unfinished.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        reason = error.strerror or error
        raise errors.RunError(f"{out}: cannot be written ({reason}); the numbers above are all there is") from error
    print(f"all numbers: {out}")


def _is_scorecard(path):
    """Say whether a file holds a scorecard."""
    try:
        return {"protocol", "scores"} <= json.loads(path.read_text(encoding="utf-8")).keys()
    except (OSError, ValueError, AttributeError):
        return False


def _replace_infinite(value):
    """Return nested lists and dicts with None for infinite numbers, which JSON does not have: equal photos' PSNR."""
    if isinstance(value, dict):
        return {name: _replace_infinite(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_replace_infinite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
