"""One step on one device, on many, or on many machines."""

import json
import os

import tensorflow as tf

from pix2pix_tf import errors
from pix2pix_tf.system import hardware

FAILED = -1  # what a process tells the others when it cannot go on


def strategy():
    """Choose how training is spread; call it, and enter its scope, before any other TensorFlow operation.

    Returns:
        `tf.distribute.Strategy`: multi-worker where the environment variable TF_CONFIG names a cluster, mirrored
        where there are several GPUs, else the default one of a single device.

    Raises:
        errors.InputError: if TF_CONFIG does not describe a cluster.
    """
    hardware.grow_gpu_memory()
    if os.environ.get("TF_CONFIG"):
        _check_cluster(os.environ["TF_CONFIG"])
        return tf.distribute.MultiWorkerMirroredStrategy()
    if len(tf.config.list_physical_devices("GPU")) > 1:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()


def _check_cluster(text):
    """Raise InputError unless TF_CONFIG names a cluster of workers, and which of them this process is."""
    try:
        config = json.loads(text)
        addresses = config["cluster"][config["task"]["type"]]
        known = 0 <= int(config["task"]["index"]) < len(addresses)
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise errors.InputError(
            f"TF_CONFIG is {text!r}; expected the cluster and this process' place in it, such as "
            '{"cluster": {"worker": ["HOST:PORT", "HOST:PORT"]}, "task": {"type": "worker", "index": 0}}'
        )


def worker(strategy):
    """Return this process' number in the cluster and the number of processes."""
    resolver = strategy.cluster_resolver
    if resolver is None or not resolver.cluster_spec().jobs:
        return 0, 1
    cluster = resolver.cluster_spec().as_dict()
    chiefs = len(cluster.get("chief", []))
    number = resolver.task_id if resolver.task_type == "chief" else resolver.task_id + chiefs
    return number, chiefs + len(cluster.get("worker", []))


def is_chief(strategy):
    """Say whether this process writes the run's files: the only one, or worker 0 of a cluster."""
    return worker(strategy)[0] == 0


def is_cluster(strategy):
    """Say whether several processes train together."""
    return worker(strategy)[1] > 1


def check_batch_size(strategy, batch_size):
    """Raise InputError unless a global batch splits evenly over the replicas."""
    replicas = strategy.num_replicas_in_sync
    if batch_size % replicas:
        raise errors.InputError(f"batch size is {batch_size}; expected a multiple of the {replicas} replicas")


def batches(strategy, pairs, batch_size, seed, first_step, last_step):
    """Return the batches of the steps first_step to last_step, each replica's slice where there are several.

    Every worker and replica takes its own slice of the same global batch, so a run does not depend on their number.
    """
    if strategy.num_replicas_in_sync == 1:
        return pairs.batches(batch_size, seed, first_step, last_step)
    number, workers = worker(strategy)
    share = batch_size // workers

    def of_worker(_):
        mine = pairs.batches(batch_size, seed, first_step, last_step, number * share, (number + 1) * share)
        return mine.rebatch(batch_size // strategy.num_replicas_in_sync)

    return strategy.distribute_datasets_from_function(of_worker)


def step_function(model):
    """Return the model's compiled step as a function of a batch, its results averaged over the replicas."""
    strategy = model.strategy
    if strategy.num_replicas_in_sync == 1:
        return model.compiled_step

    @tf.function(autograph=False)
    def step(source, target):
        results = strategy.run(model.compiled_step, (source, target))
        return {name: strategy.reduce("MEAN", value, axis=None) for name, value in results.items()}

    return step


def gather(strategy, number):
    """Exchange a number with all processes of the cluster.

    Args:
        strategy: `tf.distribute.Strategy`.
        number: an integer.

    Returns:
        List of every process' number, in their order.
    """
    index, workers = worker(strategy)
    if workers == 1:
        return [number]
    number = tf.constant(number, tf.int64)
    sums = strategy.reduce("SUM", strategy.run(lambda: tf.one_hot(index, workers, number, 0 * number)), axis=None)
    return [int(total) // (strategy.num_replicas_in_sync // workers) for total in sums]


def together(strategy, action):
    """Do something in every process of the cluster; return when all have done it with the same result.

    Args:
        strategy: `tf.distribute.Strategy`.
        action: function without arguments that returns an integer of 0 and above.

    Raises:
        errors.InputError, errors.RunError: of this process' action, or because another one's failed or differs.
    """
    if not is_cluster(strategy):
        action()
        return
    try:
        result = action()
    except (errors.InputError, errors.RunError):
        gather(strategy, FAILED)
        raise
    results = gather(strategy, result)
    if FAILED in results:
        raise errors.RunError(f"worker {results.index(FAILED)} of the cluster cannot go on; its own message says why")
    if len(set(results)) > 1:
        raise errors.RunError(
            f"the cluster's workers find the run at different steps ({', '.join(map(str, results))}); "
            "expected a run folder on a disk that all of them share"
        )
