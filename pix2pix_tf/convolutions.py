"""Convolutions that Keras has no layer for: one that enlarges without a grid, and one of bounded gain."""

import keras
from keras import layers, ops


def widen(kernel):
    """Return the kernel of a transposed convolution that does what enlarging and convolving does.

    Doubling an image by its nearest pixels and convolving it 3x3 multiplies every input by the same few weights again
    and again: of four output pixels, each sees 2x2 inputs, by sums of the nine weights. Those sums are the kernel of a
    transposed convolution 4x4 with strides 2, which has 4 multiplications for each output and channel instead of 9.

    Args:
        kernel: (3, 3, inputs, outputs), of a convolution.

    Returns:
        Tensor (4, 4, outputs, inputs), of a transposed convolution.
    """
    for axis in (0, 1):
        first, middle, last = ops.split(kernel, 3, axis)
        kernel = ops.concatenate([last, middle + last, first + middle, first], axis)
    return ops.transpose(kernel, (0, 1, 3, 2))


@keras.saving.register_keras_serializable("pix2pix_tf")
class EnlargingConvolution(layers.Layer):
    """Double height and width by the nearest pixel, then convolve 3x3 with strides 1, both at once.

    All output pixels are made by the same nine weights, where a transposed convolution has a kernel of its own for each
    of the four places of its grid: so it leaves no grid behind.

    Args:
        filters: channels of the result.
        use_bias: whether a bias is added.
        kernel_initializer: of the kernel (3, 3, inputs, filters).
        **options: those of `keras.layers.Layer`.

    Source: Odena et al. 2016, "Deconvolution and Checkerboard Artifacts". Deviation: none in what is computed; it is
    `UpSampling2D` and `Conv2D`, up to rounding, by `widen`.
    """

    def __init__(self, filters, use_bias=False, kernel_initializer="glorot_uniform", **options):
        super().__init__(**options)
        self.filters, self.use_bias = filters, use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape):
        """Make the weights."""
        shape = (3, 3, input_shape[-1], self.filters)
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer=self.kernel_initializer)
        self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros") if self.use_bias else None

    def call(self, inputs):
        """Return (batch, 2 height, 2 width, filters) of (batch, height, width, channels)."""
        outputs = ops.conv_transpose(inputs, widen(self.kernel), 2, "same")
        return outputs if self.bias is None else ops.add(outputs, self.bias)

    def compute_output_shape(self, input_shape):
        """Return the shape of the result."""
        batch, *sides, _ = input_shape
        return (batch, *(side and 2 * side for side in sides), self.filters)

    def get_config(self):
        """Return what rebuilds the layer when a saved network is loaded."""
        own = {"filters": self.filters, "use_bias": self.use_bias}
        own["kernel_initializer"] = keras.initializers.serialize(self.kernel_initializer)
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("pix2pix_tf")
class SpectralConvolution(layers.Conv2D):
    """A convolution whose kernel is divided by its largest singular value, found by power iteration.

    The kernel is seen as a matrix from (height x width x inputs) to outputs. Every pass in training does one iteration
    from where the last one ended; the two vectors count as constants for the gradient.

    Source: Miyato et al. 2018, "Spectral Normalization for Generative Adversarial Networks", section 2.1, algorithm 1.
    Deviation: Keras' own wrapper overwrites the kernel with the divided one; here it stays a weight that is learned.
    """

    def build(self, input_shape):
        """Make the weights, and the vector that the iteration goes on from."""
        super().build(input_shape)
        initializer = keras.initializers.RandomNormal(seed=getattr(self.kernel_initializer, "seed", None))
        self.vector = self.add_weight(
            name="vector", shape=(self.filters,), initializer=initializer, trainable=False, aggregation="mean"
        )

    def call(self, inputs, training=False):
        """Convolve (batch, height, width, channels)."""
        matrix = ops.reshape(ops.convert_to_tensor(self._kernel), (-1, self.filters))
        constant = ops.stop_gradient(matrix)
        left = _unit(ops.matmul(constant, ops.cast(self.vector, matrix.dtype)))
        right = _unit(ops.matmul(left, constant))
        if training:
            self.vector.assign(ops.cast(right, self.vector.dtype))
        gain = ops.sum(ops.multiply(left, ops.matmul(matrix, right)))
        kernel = ops.cast(ops.reshape(matrix / gain, self._kernel.shape), self.compute_dtype)
        outputs = ops.conv(inputs, kernel, self.strides, self.padding)
        if self.bias is None:
            return outputs
        return outputs + ops.reshape(self.bias, (1, 1, 1, -1))  # of that shape, or TensorFlow's remapper complains


def _unit(vector):
    """Return a vector divided by its length."""
    return vector / ops.maximum(ops.norm(vector), 1e-12)
