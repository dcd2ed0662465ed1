"""What the replicas of a strategy share: variables they all change alike, and the global batch each has a part of."""

import tensorflow as tf


def make_variable(value):
    """Return a variable of which every replica has a copy; all of them do the same with it."""
    return tf.Variable(
        value,
        trainable=False,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
    )


def count():
    """Return the number of replicas; 1 outside of their work."""
    context = tf.distribute.get_replica_context()
    return context.num_replicas_in_sync if context else 1


def gather(values):
    """Return the values of all replicas, in their order, along the first axis."""
    return tf.distribute.get_replica_context().all_gather(values, axis=0) if count() > 1 else values


def own_part(values, size):
    """Return this replica's part of the values of all, `size` of them along the first axis."""
    if count() == 1:
        return values
    first = tf.distribute.get_replica_context().replica_id_in_sync_group * size
    return values[first : first + size]
