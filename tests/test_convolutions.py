import keras
import numpy as np
import pytest
import tensorflow as tf

from pix2pix_tf import blocks, convolutions, generators


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.mark.parametrize("height, width, channels, filters", [(4, 4, 3, 5), (3, 7, 2, 1), (1, 1, 4, 3)])
def test_an_enlarging_convolution_is_enlarging_and_convolving(height, width, channels, filters):
    """Values and gradients, those of the kernel included, in float64."""
    images = tf.constant(random(2, height, width, channels))
    own = convolutions.EnlargingConvolution(filters, use_bias=True, dtype="float64")
    own(images)
    own.bias.assign(random(filters, seed=1))
    plain = keras.layers.Conv2D(filters, 3, padding="same", dtype="float64")
    larger = keras.layers.UpSampling2D(2, dtype="float64")
    plain.build((None, None, None, channels))
    plain.set_weights(own.get_weights())
    upstream, found = random(2, 2 * height, 2 * width, filters, seed=2), []
    for function, layer in ((own, own), (lambda inputs: plain(larger(inputs)), plain)):
        with tf.GradientTape() as tape:
            tape.watch(images)
            outputs = function(images)
        variables = [variable.value for variable in layer.trainable_variables]
        found.append([outputs, *tape.gradient(outputs, [images, *variables], upstream)])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)


def test_an_even_kernel_that_is_not_tied_leaves_a_grid():
    """What enlarges a constant image evenly is the layer, and not the transposed convolution."""
    constant = np.ones((1, 8, 8, 3), np.float32)
    inputs = keras.Input((8, 8, 3))
    for upsampling, even in (("nearest", True), ("tied", True), ("transposed", False), ("transposed4", False)):
        network = keras.Model(inputs, blocks.enlarge(inputs, 2, blocks.seeds(0), upsampling))
        inner = np.asarray(network(constant))[0, 4:12, 4:12]
        assert (np.ptp(inner, axis=(0, 1)).max() < 1e-6) == even, upsampling


def test_the_start_that_is_tied_is_that_of_enlarging_and_convolving():
    inputs = keras.Input((4, 4, 3))
    images = random(1, 4, 4, 3).astype(np.float32)
    one, other = (
        keras.Model(inputs, blocks.enlarge(inputs, 2, blocks.seeds(7), upsampling))(images)
        for upsampling in ("nearest", "tied")
    )
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_the_blur_is_that_of_its_taps():
    inputs = keras.Input((4, 4, 2))
    network = keras.Model(inputs, blocks.enlarge(inputs, 2, blocks.seeds(0), "blurred"))
    images = random(1, 4, 4, 2).astype(np.float32)
    transposed = next(layer for layer in network.layers if isinstance(layer, keras.layers.Conv2DTranspose))
    sharp = np.pad(np.asarray(transposed(images)), [(0, 0), (1, 2), (1, 2), (0, 0)])
    taps = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64
    expected = sum(taps[i, j] * sharp[:, i : i + 8, j : j + 8] for i in range(4) for j in range(4))
    np.testing.assert_allclose(network(images), expected, atol=1e-6)
    assert [variable.name for variable in network.non_trainable_variables] == ["kernel"]


def test_an_unknown_way_to_enlarge_is_refused():
    with pytest.raises(ValueError, match="upsampling is 'bicubic'; expected one of transposed"):
        generators.unet(16, filters=2, upsampling="bicubic")


def test_the_gain_of_a_spectral_convolution_is_one():
    """After some passes in training its kernel, as a matrix, has 1 as its largest singular value."""
    layer = convolutions.SpectralConvolution(6, 3, padding="same", use_bias=False, dtype="float64")
    images = random(1, 5, 5, 4)
    layer.build(images.shape)
    left, right = (np.linalg.qr(np.random.default_rng(0).normal(size=(side, 6)))[0] for side in (36, 6))
    # Every pass brings it closer by the square of the second value in parts of the first: a kernel drawn at random may
    # have two that are nearly equal, and 60 passes are too few then.
    layer.kernel.assign((left * [4, 2, 1.5, 1, 1, 0.5] @ right.T).reshape(3, 3, 4, 6))
    before = layer(images, training=False)
    for _ in range(60):
        layer(images, training=True)
    expected = tf.nn.conv2d(images, layer.kernel.numpy() / 4, 1, "SAME")
    np.testing.assert_allclose(layer(images, training=False), expected, rtol=1e-6, atol=1e-9)
    assert not np.allclose(before, expected)


def test_a_spectral_convolution_is_the_algorithm_of_its_paper():
    """Output, gradient of the kernel and the vector that is kept, in each of three passes, by PyTorch's autograd."""
    torch = pytest.importorskip("torch")
    layer = convolutions.SpectralConvolution(3, 4, 2, "same", dtype="float64")
    images = random(1, 6, 6, 2)
    layer(images)
    weight = torch.tensor(layer.kernel.numpy().transpose(3, 2, 0, 1), requires_grad=True)
    u = torch.tensor(layer.vector.numpy())
    for _ in range(3):
        with tf.GradientTape() as tape:
            output = layer(images, training=True)
            loss = tf.reduce_sum(output**3)
        matrix = weight.reshape(3, -1)
        with torch.no_grad():
            v = torch.nn.functional.normalize(matrix.T @ u, dim=0)
            u = torch.nn.functional.normalize(matrix @ v, dim=0)
        expected = torch.nn.functional.conv2d(
            torch.tensor(images.transpose(0, 3, 1, 2)), weight / (u @ matrix @ v), stride=2, padding=1
        )
        (gradient,) = torch.autograd.grad((expected**3).sum(), weight)
        np.testing.assert_allclose(output, expected.detach().numpy().transpose(0, 2, 3, 1), atol=1e-9)
        np.testing.assert_allclose(
            tape.gradient(loss, layer.kernel.value), gradient.numpy().transpose(2, 3, 1, 0), atol=1e-9
        )
        np.testing.assert_allclose(layer.vector, u.numpy(), atol=1e-9)


@pytest.mark.parametrize("upsampling", blocks.UPSAMPLINGS)
def test_every_way_to_enlarge_doubles(upsampling):
    for network in (
        generators.unet(16, filters=2, upsampling=upsampling),
        generators.resnet(16, filters=2, blocks=1, upsampling=upsampling),
    ):
        assert network.output_shape == (None, 16, 16, 3)
