"""Adam with TensorFlow's fused kernel, one pass over each weight instead of a dozen; decay of its rate; averages."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("pix2pix_tf")
class Adam(keras.optimizers.Adam):
    """Adam with the paper's settings, updated by one fused kernel for each variable.

    Agrees with `keras.optimizers.Adam` of the same settings up to rounding.

    Args:
        learning_rate: step size, or a Keras schedule.
        beta_1: decay of the mean gradient.
        beta_2: decay of the mean squared gradient.
        epsilon: added to the root of the mean squared gradient.
        **options: those of `keras.optimizers.Adam`, but for amsgrad.

    Attributes:
        start: steps that were done when its moments began: 0, or those at the last `restart`.

    Raises:
        ValueError: if amsgrad is asked for; the fused kernel has no such form.

    Source: Kingma and Ba 2015, section 2; settings from Isola et al. 2017, section 3.3. Deviation: epsilon 1e-8 as in
    the authors' code; Keras' own default is 1e-7. It is added before the squares' bias is corrected, as in the authors'
    code and in Keras; PyTorch adds it after.
    """

    def __init__(self, learning_rate=2e-4, beta_1=0.5, beta_2=0.999, epsilon=1e-8, **options):
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **options)
        if self.amsgrad:
            raise ValueError("amsgrad is True; expected False, since the fused kernel has no such form")
        self.start = 0

    def restart(self, start):
        """Forget both moments, as a new optimizer after so many steps would; the steps are counted on.

        Where gradients were small for long and become large, as when a network is given another task, moments of before
        would let a weight move by up to (1 - beta_1) / sqrt(1 - beta_2), that is 16 times, the learning rate.
        """
        self.start = start
        for moment in (*self._momentums, *self._velocities):
            moment.assign(tf.zeros_like(moment))

    def update_step(self, gradient, variable, learning_rate):
        """Update one variable and its two moments in place."""
        dtype = variable.dtype
        step = tf.cast(self.iterations - self.start + 1, dtype)
        beta_1, beta_2 = tf.constant(self.beta_1, dtype), tf.constant(self.beta_2, dtype)
        index = self._get_variable_index(variable)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=handle(self._momentums[index]),
            v=handle(self._velocities[index]),
            beta1_power=tf.pow(beta_1, step),
            beta2_power=tf.pow(beta_2, step),
            lr=tf.cast(learning_rate, dtype),
            beta1=beta_1,
            beta2=beta_2,
            epsilon=tf.constant(self.epsilon, dtype),
            grad=tf.cast(gradient, dtype),
        )


def handle(variable):
    """Return the resource of the TensorFlow variable inside a Keras one."""
    return getattr(variable, "value", variable).handle


@keras.saving.register_keras_serializable("pix2pix_tf")
class LinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that stays constant, then falls in a straight line; in the last epoch it is small but not 0.

    In epoch e, the first being 1, the rate is its start times 1 - max(0, e - constant) / (decay + 1).

    Args:
        learning_rate: the rate at the start.
        constant: epochs before the first smaller rate.
        decay: epochs in which the rate falls; after them it stays where it is.
        steps: train steps of one epoch; with 1 the rate changes in every step.

    Source: https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix, `models/networks.py`, `lambda_rule`.
    """

    def __init__(self, learning_rate=2e-4, constant=100, decay=100, steps=1):
        self.learning_rate, self.constant, self.decay, self.steps = learning_rate, constant, decay, steps

    def __call__(self, step):
        """Return the rate of a train step, the first being 0, as a float32 scalar."""
        epoch = keras.ops.cast(step, "int64") // self.steps + 1
        falls = keras.ops.clip(epoch - self.constant, 0, self.decay)
        return self.learning_rate * (1 - keras.ops.cast(falls, "float32") / (self.decay + 1))

    def get_config(self):
        """Return what rebuilds the schedule when an optimizer is loaded."""
        return {name: getattr(self, name) for name in ("learning_rate", "constant", "decay", "steps")}


class RestartingDecay(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that falls as `LinearDecay` has it, once in each of several runs of which every one starts anew.

    Args:
        learning_rate: the rate at the start of every run.
        runs: list of (constant, decay), the steps of each run before the fall and in it; what comes after the last run
            belongs to it.
    """

    def __init__(self, learning_rate, runs):
        self.learning_rate, self.runs = learning_rate, runs

    def __call__(self, step):
        """Return the rate of a train step, the first being 0, as a float32 scalar."""
        step, start, rate = keras.ops.cast(step, "int64"), 0, None
        for constant, decay in self.runs:
            own = LinearDecay(self.learning_rate, constant, decay, 1)(step - start)
            rate = own if rate is None else keras.ops.where(step < start, rate, own)
            start += constant + decay
        return rate

    def get_config(self):
        """Return what rebuilds the schedule."""
        return {"learning_rate": self.learning_rate, "runs": self.runs}


class MovingAverage:
    """A network whose weights follow those of another one, slowly: late steps cancel out, and pictures are calmer.

    The average a of weights w becomes d a + (1 - d) w in every step. In early steps d is smaller, (1 + step) / (10 +
    step), or the random start would be seen for long. After the first steps it is done for several at once, for going
    over all weights takes time.

    Args:
        network: `keras.Model` that learns.
        decay: d, between 0 and 1; 0.999 looks back about a thousand steps.

    Attributes:
        network: `keras.Model`, a copy with the averages as its weights.

    Source: Karras et al. 2018, "Progressive Growing of GANs", appendix A; Yazici et al. 2019, "The Unusual
    Effectiveness of Averaging in GAN Training".
    """

    EVERY = 8  # steps, after the first
    FIRST = 64  # steps, which are followed one by one: of a short run none may be left out

    def __init__(self, network, decay):
        self.source, self.decay = network, decay
        self.network = keras.models.clone_model(network)
        self.network.set_weights(network.get_weights())

    @property
    def variables(self):
        """What a checkpoint must hold."""
        return self.network.variables

    def update(self, steps):
        """Follow the network, if it is time to.

        Args:
            steps: scalar integer tensor, the steps done.
        """
        is_time = tf.logical_or(steps <= self.FIRST, tf.equal(steps % self.EVERY, 0))
        tf.cond(is_time, lambda: self._follow(steps), lambda: tf.constant(0))

    def _follow(self, steps):
        """Move every average towards its weight; statistics of norms are taken as they are."""
        done = tf.cast(steps, tf.float32)
        at_once = tf.where(steps <= self.FIRST, 1.0, float(self.EVERY))
        share = 1 - tf.minimum(self.decay, (1 + done) / (10 + done)) ** at_once
        learned = {id(variable) for variable in self.source.trainable_variables}
        for average, variable in zip(self.network.variables, self.source.variables, strict=True):
            if not variable.dtype.startswith("float"):
                continue  # seeds of noise
            old, new = (tf.convert_to_tensor(getattr(values, "value", values)) for values in (average, variable))
            value = old + tf.cast(share, old.dtype) * (new - old) if id(variable) in learned else new
            tf.raw_ops.AssignVariableOp(resource=handle(average), value=value)  # each replica its own copy
        return tf.constant(1)
