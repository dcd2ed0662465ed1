import json
import pathlib
import warnings

import numpy as np
import pytest
import tensorflow as tf

from pix2pix_tf import errors
from pix2pix_tf.system import files
from pix2pix_tf.training import checkpoints


def state(value=0.0):
    """Return two variables as a method would."""
    return {"network": [tf.Variable(tf.fill((8, 8), value))], "optimizer": [tf.Variable(int(value), dtype=tf.int64)]}


def written(folder, steps):
    """Return checkpoints of a state whose values are the step."""
    variables = state()
    kept = checkpoints.Checkpoints(folder, variables)
    for step in steps:
        variables["network"][0].assign(tf.fill((8, 8), float(step)))
        variables["optimizer"][0].assign(step)
        kept.write(step, {"pending": [{"l1": step / 7}]})
    return kept


def restored(folder):
    """Return the step, the loop and the values that a new process would go on with."""
    variables = state(-1.0)
    step, loop = checkpoints.Checkpoints(folder, variables).restore()
    return step, loop, float(variables["network"][0][0, 0]), int(variables["optimizer"][0])


def test_what_is_written_is_restored(tmp_path):
    written(tmp_path, [5])
    assert restored(tmp_path) == (5, {"pending": [{"l1": 5 / 7}]}, 5.0, 5)


def test_nothing_is_restored_from_nothing(tmp_path):
    assert restored(tmp_path / "missing") == (0, {}, -1.0, -1)


def test_the_newest_three_are_kept(tmp_path):
    assert written(tmp_path, [1, 2, 10, 100, 1000]).steps() == [10, 100, 1000]


def test_never_more_than_three_copies_and_none_half_written(tmp_path, monkeypatch):
    seen = []
    kept = checkpoints.Checkpoints(tmp_path, state())

    class Watched:
        def write(self, path):
            folder = pathlib.Path(path).parent
            seen.append((folder.name, sorted(other.name for other in tmp_path.iterdir())))

    for step in range(1, 6):
        monkeypatch.setattr(kept, "checkpoint", Watched())
        kept.write(step, {})
    assert max(len(names) for _, names in seen) == 3
    assert seen[-1] == (".unfinished-000005", [".unfinished-000005", "step_000003", "step_000004"])


def damage(folder, how):
    """Damage a checkpoint in one of the ways in which files are damaged."""
    data = next(folder.glob("variables.data*"))
    content = bytearray(data.read_bytes())
    if how == "flipped byte":
        content[len(content) // 3] ^= 1
        data.write_bytes(content)
    elif how == "truncated":
        data.write_bytes(content[: len(content) // 2])
    elif how == "no data":
        data.unlink()
    elif how == "broken index":
        (folder / "variables.index").write_bytes(b"no index")
    elif how == "broken loop":
        (folder / "loop.json").write_text('{"pending": [')
    elif how == "changed loop":
        loop = json.loads((folder / "loop.json").read_text())
        loop["pending"][0]["l1"] += 1
        (folder / "loop.json").write_text(json.dumps(loop))


@pytest.mark.parametrize("how", ["flipped byte", "truncated", "no data", "broken index", "broken loop", "changed loop"])
def test_a_damaged_checkpoint_is_passed_over(tmp_path, how):
    kept = written(tmp_path, [1, 2, 3])
    damage(kept.path(3), how)
    with pytest.warns(errors.DamageWarning, match=r"step_000003 is damaged \(.+\); trying the one before"):
        assert restored(tmp_path) == (2, {"pending": [{"l1": 2 / 7}]}, 2.0, 2)


def test_no_flipped_bit_goes_unnoticed(tmp_path):
    """Whatever bit of a checkpoint changes, either it is found or what is restored is the same."""
    kept = written(tmp_path, [1, 2])
    random = np.random.default_rng(0)
    for file in sorted(kept.path(2).iterdir()):
        content = file.read_bytes()
        for position in random.integers(len(content), size=12):
            changed = bytearray(content)
            changed[position] ^= 1 << random.integers(8)
            file.write_bytes(changed)
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", errors.DamageWarning)
                found = restored(tmp_path)
            assert found[0] == (1 if caught else 2), f"{file.name} at {position}"
            assert found[2:] == (found[0], found[0])
        file.write_bytes(content)


def test_all_damaged_is_refused(tmp_path):
    kept = written(tmp_path, [1, 2])
    for step in (1, 2):
        damage(kept.path(step), "truncated")
    with pytest.warns(errors.DamageWarning), pytest.raises(errors.InputError, match="every checkpoint is damaged"):
        restored(tmp_path)


def test_the_good_one_outlives_the_damaged_ones(tmp_path):
    """Keeping the newest by number would remove the only good one before the next is written."""
    kept = written(tmp_path, [1, 2, 3])
    for step in (2, 3):
        damage(kept.path(step), "truncated")
    again = checkpoints.Checkpoints(tmp_path, state())
    with pytest.warns(errors.DamageWarning):
        again.restore()
    assert again.last_good().endswith("step_000001")
    again.write(2, {})
    assert again.steps() == [1, 2]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step_000001", "step_000002"]


def test_a_checkpoint_that_cannot_be_written_leaves_the_others(tmp_path, monkeypatch):
    kept = written(tmp_path, [1, 2])

    def full(path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "synchronize", full)
    with pytest.raises(errors.RunError, match=r"step 3: the checkpoint cannot be written \(No space left on device\)"):
        kept.write(3, {})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step_000001", "step_000002"]
    assert restored(tmp_path)[0] == 2


def test_room_is_asked_for_what_is_still_missing(tmp_path, monkeypatch):
    kept = written(tmp_path / "checkpoints", [1, 2])
    assert kept.bytes == 8 * 8 * 4 + 8
    monkeypatch.setattr("shutil.disk_usage", lambda path: Free(kept.bytes + kept.bytes // 2))
    kept.check_space()
    monkeypatch.setattr("shutil.disk_usage", lambda path: Free(kept.bytes + kept.bytes // 2 - 1))
    with pytest.raises(errors.InputError, match="1 checkpoints of 0.0 MB; free some space"):
        kept.check_space()


class Free:
    """What `shutil.disk_usage` returns."""

    def __init__(self, free):
        self.free = free


def test_a_renamed_checkpoint_is_none(tmp_path):
    written(tmp_path, [1, 2])
    (tmp_path / "step_000002").rename(tmp_path / "step_000099")
    with pytest.warns(errors.DamageWarning, match=r"step_000099 is damaged \(it was renamed\)"):
        assert restored(tmp_path)[0] == 1
