"""Adam with TensorFlow's fused kernel: one pass over each weight instead of a dozen."""

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

    def update_step(self, gradient, variable, learning_rate):
        """Update one variable and its two moments in place."""
        dtype = variable.dtype
        step = tf.cast(self.iterations + 1, dtype)
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
