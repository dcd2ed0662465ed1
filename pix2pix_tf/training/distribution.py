"""One step on one device, on many, or on many machines."""

import os

import tensorflow as tf

from pix2pix_tf import errors, hardware


def strategy():
    """Choose how training is spread; call it, and enter its scope, before any other TensorFlow operation.

    Returns:
        `tf.distribute.Strategy`: multi-worker where the environment variable TF_CONFIG names a cluster, mirrored
        where there are several GPUs, else the default one of a single device.
    """
    hardware.grow_gpu_memory()
    if os.environ.get("TF_CONFIG"):
        return tf.distribute.MultiWorkerMirroredStrategy()
    if len(tf.config.list_physical_devices("GPU")) > 1:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()


def is_chief(strategy):
    """Say whether this process writes the run's files: the only one, or worker 0 of a cluster."""
    return worker(strategy)[0] == 0


def worker(strategy):
    """Return this process' number in the cluster and the number of processes."""
    resolver = strategy.cluster_resolver
    if resolver is None or not resolver.cluster_spec().jobs:
        return 0, 1
    cluster = resolver.cluster_spec().as_dict()
    chiefs = len(cluster.get("chief", []))
    number = resolver.task_id if resolver.task_type == "chief" else resolver.task_id + chiefs
    return number, chiefs + len(cluster.get("worker", []))


def check_batch_size(strategy, batch_size):
    """Raise InputError unless a global batch splits evenly over the replicas."""
    replicas = strategy.num_replicas_in_sync
    if batch_size % replicas:
        raise errors.InputError(f"batch_size is {batch_size}; expected a multiple of the {replicas} replicas")


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
    """Return the model's train step as a function of a batch, its results averaged over the replicas."""
    strategy = model.strategy
    if strategy.num_replicas_in_sync == 1:
        return model.train_step

    @tf.function
    def step(source, target):
        results = strategy.run(model.train_step, (source, target))
        return {name: strategy.reduce("MEAN", value, axis=None) for name, value in results.items()}

    return step


def wait_for_all(strategy):
    """Return when every process of the cluster has come this far."""
    if worker(strategy)[1] > 1:
        ones = strategy.run(lambda: tf.ones(()))
        strategy.reduce("SUM", ones, axis=None).numpy()
