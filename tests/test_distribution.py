import json
import os
import pathlib
import socket
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
import toy

from pix2pix_tf import errors, training
from pix2pix_tf.training import distribution

SCRIPT = pathlib.Path(__file__).with_name("distributed_run.py")
PATIENCE = 1200  # seconds, after which a group of processes that waits for itself is ended; a busy machine needs 400


def free_addresses(count):
    """Return addresses of free ports on this machine."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    addresses = [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    for one in sockets:
        one.close()
    return addresses


def start(what, folder, cluster=None, index=0):
    """Start a training process."""
    task = {"cluster": {"worker": cluster}, "task": {"type": "worker", "index": index}}
    environment = {**os.environ, **({"TF_CONFIG": json.dumps(task)} if cluster else {})}
    with (folder / f"{what}_{index}.txt").open("w") as log:
        return subprocess.Popen(
            [sys.executable, SCRIPT, what, folder], env=environment, stdout=log, stderr=subprocess.STDOUT
        )


@pytest.fixture(scope="module")
def spread_runs(tmp_path_factory):
    """Return the folder with what one device, two devices and two workers have trained, all from the same start."""
    folder = tmp_path_factory.mktemp("distributed")
    addresses = free_addresses(2)
    processes = [start("devices", folder), *(start("worker", folder, addresses, index) for index in range(2))]
    try:
        statuses = [process.wait(PATIENCE) for process in processes]
    finally:
        for process in processes:
            process.kill()
    logs = "\n".join(path.read_text()[-3000:] for path in folder.glob("*.txt"))
    assert statuses == [0, 0, 0], logs
    return folder


@pytest.mark.parametrize("steps", [1, 20])
@pytest.mark.parametrize("spread", ["mirrored", "workers"])
def test_spread_training_is_single_training(spread_runs, spread, steps):
    """Weights, moments and step counts; 20 steps went through the checkpoint of the first."""
    single, other = (np.load(spread_runs / name / f"variables_{steps}.npz") for name in ("single", spread))
    assert len(single.files) == len(other.files) > 20
    for name in single.files:
        np.testing.assert_allclose(other[name], single[name], rtol=0, atol=1e-9)
    assert any(np.abs(single[name]).max() > 1e-3 for name in single.files)


@pytest.mark.parametrize("spread", ["mirrored", "workers"])
def test_spread_training_without_pairs_is_single_training(spread_runs, spread):
    """Weights, moments, and the pools, which hold images of all replicas; on two devices resumed after 3 of 8 steps."""
    single, other = (np.load(spread_runs / f"unpaired_{name}" / "variables_8.npz") for name in ("single", spread))
    assert len(single.files) == len(other.files) > 20
    for name in single.files:
        np.testing.assert_allclose(other[name], single[name], rtol=0, atol=1e-9)
    pools = [single[name] for name in single.files if single[name].shape == (6, 16, 16, 3)]
    assert len(pools) == 2
    assert all(np.abs(images).max(axis=(1, 2, 3)).min() > 0 for images in pools), "all places are taken"


@pytest.mark.parametrize("spread", ["mirrored", "workers"])
def test_spread_training_from_noise_is_single_training(spread_runs, spread):
    """Every replica draws the noise of all and takes its own part; on two devices resumed after 2 of 6 steps."""
    single, other = (np.load(spread_runs / f"noise_{name}" / "variables_6.npz") for name in ("single", spread))
    assert len(single.files) == len(other.files) > 20
    for name in single.files:
        np.testing.assert_allclose(other[name], single[name], rtol=0, atol=1e-9)


@pytest.mark.parametrize("kind", ["critic", "unpaired_critic", "colours", "phases"])
def test_spread_training_of_other_kinds_is_single_training(spread_runs, kind):
    """Both replicas' parts make up a critic's batch, with its places between real and fake; resumed once."""
    single, other = (np.load(spread_runs / f"{kind}_{name}" / "variables_4.npz") for name in ("single", "mirrored"))
    assert len(single.files) == len(other.files) > 20
    for name in single.files:
        np.testing.assert_allclose(other[name], single[name], rtol=0, atol=1e-9)
    histories = [toy.history(spread_runs / f"{kind}_{name}") for name in ("single", "mirrored")]
    assert histories[0][0] == histories[1][0] and ("penalty" in histories[0][0]) is (kind == "critic")


@pytest.mark.parametrize("spread", ["mirrored", "workers"])
def test_the_history_of_spread_training_is_that_of_single_training(spread_runs, spread):
    """Losses are means over the replicas: those of the whole batch."""
    for kind in ("", "unpaired_", "measured_"):
        single, other = (
            [[float(value) for value in line.split(",")] for line in toy.history(spread_runs / f"{kind}{name}")[1:]]
            for name in ("single", spread)
        )
        np.testing.assert_allclose(other, single, rtol=1e-9)


def test_what_is_measured_at_previews_is_in_the_history_of_spread_training(spread_runs):
    header = toy.history(spread_runs / "measured_workers")[0].split(",")
    assert {"spectral_peak", "colour_spread", "l1_border", "memorised", "source_counts"} <= set(header)


def test_one_step_differs_from_twenty(spread_runs):
    one, twenty = (np.load(spread_runs / "mirrored" / f"variables_{steps}.npz") for steps in (1, 20))
    assert any(not np.allclose(one[name], twenty[name], rtol=0, atol=1e-9) for name in one.files)


def test_only_the_first_worker_writes(spread_runs):
    assert len(list((spread_runs / "workers" / "events").iterdir())) == 1


class Cluster:
    """Stands in for a strategy of three processes of one replica each, of which this is the second."""

    num_replicas_in_sync = 3

    def __init__(self, others):
        self.others = others
        self.cluster_resolver = self
        self.task_type, self.task_id = "worker", 1

    def cluster_spec(self):
        return tf.train.ClusterSpec({"worker": ["a:1", "b:1", "c:1"]})

    def run(self, function):
        return function()

    def reduce(self, how, value, axis):
        first, last = self.others
        return value + tf.constant([first, 0, last], tf.int64)


def test_processes_exchange_numbers():
    assert distribution.gather(Cluster([7, 9]), 8) == [7, 8, 9]


def test_processes_that_see_different_runs_are_refused():
    distribution.together(Cluster([20, 20]), lambda: 20)
    with pytest.raises(errors.RunError, match=r"at different steps \(20, 0, 20\); expected a run folder on a disk"):
        distribution.together(Cluster([20, 20]), lambda: 0)


def test_a_process_does_not_wait_for_one_that_has_failed():
    with pytest.raises(errors.RunError, match="worker 2 of the cluster cannot go on"):
        distribution.together(Cluster([0, distribution.FAILED]), lambda: 0)


def test_a_process_that_fails_says_why():
    def fail():
        raise errors.InputError("no room")

    with pytest.raises(errors.InputError, match="no room"):
        distribution.together(Cluster([0, 0]), fail)


def test_the_chief_is_the_first_worker():
    assert distribution.worker(Cluster([0, 0])) == (1, 3)
    assert not distribution.is_chief(Cluster([0, 0]))
    assert distribution.is_chief(tf.distribute.get_strategy())


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"cluster": {}}', '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}']
)
def test_a_malformed_cluster_is_refused(monkeypatch, text):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(errors.InputError, match="^TF_CONFIG is .*; expected the cluster and this process' place in it"):
        training.strategy()


def test_a_batch_that_does_not_split_is_refused():
    with pytest.raises(errors.InputError, match="batch size is 4; expected a multiple of the 3 replicas"):
        distribution.check_batch_size(Cluster([0, 0]), 4)
