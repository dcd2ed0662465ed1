"""DCGAN and dense GANs in PyTorch, written from the papers, with the weights of Keras' networks.

Source: Radford et al. 2016, section 3, and the official PyTorch example `dcgan/main.py` for kernels, norms and order.
"""

import numpy as np
import torch
import torch_reference
from torch import nn
from torch.nn import functional

LEAK = float(np.float32(0.2))  # TensorFlow holds it so even for float64


def planes(x, classes):
    """Join one-hot classes to a vector or a feature map."""
    if classes is None:
        return x
    shown = classes if x.dim() == 2 else classes[:, :, None, None].expand(-1, -1, *x.shape[2:])
    return torch.cat([x, shown], dim=1)


class DCGANGenerator(nn.Module):
    """Noise to images: transposed convolutions from 1x1 to 4x4 and on, as the example does without a dense layer."""

    def __init__(self, image_size, latent, channels, filters, classes=0):
        super().__init__()
        count = int(np.log2(image_size)) - 2
        widths = [filters * 2**level for level in reversed(range(count))]
        ins, outs = [latent, *widths], [*widths, channels]
        self.convolutions = nn.ModuleList(
            nn.ConvTranspose2d(before + classes, after, 4, 1 if first else 2, 0 if first else 1, bias=False)
            for first, before, after in zip([True] + [False] * count, ins, outs, strict=True)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for width in widths)

    def forward(self, noise, classes=None):
        """Make images (batch, channels, side, side) of noise (batch, latent)."""
        x = noise[:, :, None, None]
        for convolution, norm in zip(self.convolutions[:-1], self.norms, strict=True):
            x = functional.relu(norm(convolution(planes(x, classes))))
        return torch.tanh(self.convolutions[-1](planes(x, classes)))


class DCGANDiscriminator(nn.Module):
    """Images to logits."""

    def __init__(self, image_size, channels, filters, classes=0, norm="batch", biased=None):
        super().__init__()
        widths = [filters * 2**level for level in range(int(np.log2(image_size)) - 2)]
        ins, biased = [channels, *widths], torch_reference.biased(norm) if biased is None else biased
        self.convolutions = nn.ModuleList(
            nn.Conv2d(before + classes, after, 4, 2, 1, bias=biased) for before, after in zip(ins, widths, strict=False)
        )
        self.norms = nn.ModuleList(nn.Sequential(*torch_reference.norms(norm, width)) for width in widths[1:])
        self.last = nn.Conv2d(widths[-1] + classes, 1, 4, 1, 0, bias=biased)

    def forward(self, x, classes=None):
        """Judge images: logits (batch, 1)."""
        for level, convolution in enumerate(self.convolutions):
            x = convolution(planes(x, classes))
            x = functional.leaky_relu(self.norms[level - 1](x) if level else x, LEAK)
        return self.last(planes(x, classes)).flatten(1)


class Dense(nn.Module):
    """Dense layers with ReLU, each of which sees the classes."""

    def __init__(self, inputs, outputs, width, layers, classes=0):
        super().__init__()
        ins, outs = [inputs, *[width] * layers], [*[width] * layers, outputs]
        sizes = zip(ins, outs, strict=True)
        self.layers = nn.ModuleList(nn.Linear(before + classes, after) for before, after in sizes)

    def forward(self, x, classes=None):
        """Apply all layers to (batch, inputs)."""
        for layer in self.layers[:-1]:
            x = functional.relu(layer(planes(x, classes)))
        return self.layers[-1](planes(x, classes))


def copy_weights(network, keras_network):
    """Give a PyTorch network the weights of a Keras network whose layers come in the same order."""
    own = [layer for layer in network.modules() if list(layer.parameters(recurse=False))]
    convolutions = [layer for layer in own if not isinstance(layer, nn.BatchNorm2d)]
    norms = [layer for layer in own if isinstance(layer, nn.BatchNorm2d)]
    theirs = [layer for layer in keras_network.layers if layer.weights]
    with torch.no_grad():
        for layer, other in zip(convolutions, [one for one in theirs if hasattr(one, "kernel")], strict=True):
            layer.weight.copy_(_kernel(layer, other.kernel.numpy()))
            if layer.bias is not None:
                layer.bias.copy_(torch.tensor(other.bias.numpy()))
        for layer, other in zip(norms, [one for one in theirs if hasattr(one, "gamma")], strict=True):
            names = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}
            for name, keras_name in names.items():
                getattr(layer, name).copy_(torch.tensor(getattr(other, keras_name).numpy()))
    return network.double()


def _kernel(layer, kernel):
    """Return a kernel in the order of PyTorch's axes."""
    if isinstance(layer, nn.Linear):
        return torch.tensor(kernel.T)
    if kernel.ndim == 2:  # Keras' dense layer from noise to 4x4
        kernel = kernel.reshape(len(kernel), 4, 4, -1)
        return torch.tensor(kernel.transpose(0, 3, 1, 2))
    return torch.tensor(kernel.transpose(3, 2, 0, 1))
