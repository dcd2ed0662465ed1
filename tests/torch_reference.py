"""The networks of the PyTorch reference, written again from the papers and from what that reference computes.

`python tests/torch_reference.py` writes `reference_outputs.npz`, with which Keras is compared where PyTorch is not
installed.

Source: https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix, `models/networks.py`. Deviation: its instance norm,
here "plain_instance", has neither scale nor offset, and biases before it; the other norms have both, and no biases;
"pixel", which it has not, has a scale alone, and biases before it; "layer", which it has not either, is the group norm
of one group, after biases. CoarseToFine and MultiScale are the networks of pix2pixHD: Wang et al. 2018, sections 3.1,
3.2 and the appendix on architectures.
"""

import numpy as np
import reference_cases
import torch
from torch import nn
from torch.nn import functional

LEAK = 0.2


def norms(norm, channels):
    """Return the norm as a list of no or one layer, with PyTorch's own epsilon and momentum."""
    if norm == "none":
        return []
    if norm == "plain_instance":
        return [nn.InstanceNorm2d(channels)]
    if norm == "pixel":
        return [PixelNorm(channels)]
    if norm == "layer":
        return [nn.GroupNorm(1, channels)]
    return [nn.InstanceNorm2d(channels, affine=True) if norm == "instance" else nn.BatchNorm2d(channels)]


def biased(norm):
    """Say whether convolutions before a norm have biases."""
    return norm in ("plain_instance", "pixel", "layer")


class PixelNorm(nn.Module):
    """Every pixel's values divided by their root mean square over the channels, and scaled."""

    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))

    def forward(self, x):
        """Normalize (batch, channels, height, width)."""
        return self.weight[:, None, None] * x / (x.square().mean(1, keepdim=True) + 1e-5).sqrt()


class UNet(nn.Module):
    """U-Net down to 1x1 and back."""

    def __init__(self, image_size, filters=64, norm="instance", skips=True, channels=3):
        super().__init__()
        depth = int(np.log2(image_size))
        widths = [min(filters * 2**level, filters * 8) for level in range(depth)]
        self.skips = skips
        self.encoder = nn.ModuleList()
        for level, (before, after) in enumerate(zip([channels, *widths], widths, strict=False)):
            convolution = nn.Conv2d(before, after, 4, stride=2, padding=1, bias=biased(norm))
            self.encoder.append(nn.Sequential(convolution, *norms(norm if 0 < level < depth - 1 else "none", after)))
        self.decoder = nn.ModuleList()
        for level in reversed(range(depth - 1)):
            before = widths[level + 1] * (2 if skips and level < depth - 2 else 1)
            convolution = nn.ConvTranspose2d(before, widths[level], 4, stride=2, padding=1, bias=biased(norm))
            self.decoder.append(nn.Sequential(convolution, *norms(norm, widths[level])))
        self.last = nn.ConvTranspose2d(filters * (2 if skips else 1), channels, 4, stride=2, padding=1)

    def forward(self, x):
        """Translate (batch, channels, side, side)."""
        kept = []
        for level, layers in enumerate(self.encoder):
            x = layers(functional.leaky_relu(x, LEAK) if level else x)
            kept.append(x)
        kept.pop()
        for layers in self.decoder:
            x = layers(functional.relu(x))
            skip = kept.pop()
            x = torch.cat([skip, x], dim=1) if self.skips else x
        return torch.tanh(self.last(functional.relu(x)))


class PatchGAN(nn.Sequential):
    """PatchGAN, or with no layers the PixelGAN; gives logits."""

    def __init__(self, filters=64, norm="instance", layers=3, channels=6):
        if layers == 0:
            modules = [nn.Conv2d(channels, filters, 1), nn.LeakyReLU(LEAK)]
            modules += [nn.Conv2d(filters, 2 * filters, 1, bias=biased(norm)), *norms(norm, 2 * filters)]
            modules += [nn.LeakyReLU(LEAK), nn.Conv2d(2 * filters, 1, 1, bias=biased(norm))]
            super().__init__(*modules)
            return
        modules = [nn.Conv2d(channels, filters, 4, stride=2, padding=1), nn.LeakyReLU(LEAK)]
        for level in range(1, layers + 1):
            before, after = (filters * min(2**power, 8) for power in (level - 1, level))
            stride = 2 if level < layers else 1
            modules += [nn.Conv2d(before, after, 4, stride, padding=1, bias=biased(norm))]
            modules += [*norms(norm, after), nn.LeakyReLU(LEAK)]
        super().__init__(*modules, nn.Conv2d(after, 1, 4, stride=1, padding=1))

    def forward(self, *images):
        """Judge images (batch, channels, side, side), joined along their channels."""
        return super().forward(torch.cat(images, dim=1))


class Residual(nn.Module):
    """Two 3x3 convolutions, whose result is added to their input."""

    def __init__(self, channels, norm="instance"):
        super().__init__()
        first, second = (nn.Conv2d(channels, channels, 3, bias=biased(norm)) for _ in range(2))
        pad, relu = nn.ReflectionPad2d(1), nn.ReLU()
        self.inner = nn.Sequential(pad, first, *norms(norm, channels), relu, pad, second, *norms(norm, channels))

    def forward(self, x):
        """Return the input plus what the convolutions make of it."""
        return x + self.inner(x)


class ResNet(nn.Sequential):
    """ResNet generator: two halvings, residual blocks, two doublings."""

    def __init__(self, filters=64, blocks=9, norm="plain_instance", channels=3):
        def normed(convolution, width):
            return [convolution, *norms(norm, width), nn.ReLU()]

        bias = biased(norm)
        modules = [nn.ReflectionPad2d(3), *normed(nn.Conv2d(channels, filters, 7, bias=bias), filters)]
        for width in (filters, 2 * filters):
            modules += normed(nn.Conv2d(width, 2 * width, 3, stride=2, padding=1, bias=bias), 2 * width)
        modules += [Residual(4 * filters, norm) for _ in range(blocks)]
        for width in (2 * filters, filters):
            up = nn.ConvTranspose2d(2 * width, width, 3, stride=2, padding=1, output_padding=1, bias=bias)
            modules += normed(up, width)
        super().__init__(*modules, nn.ReflectionPad2d(3), nn.Conv2d(filters, channels, 7), nn.Tanh())


class CoarseToFine(nn.Module):
    """pix2pixHD's generator: the coarse one without its last layer, enhancers, and that layer at the end."""

    def __init__(
        self, filters=64, downs=4, blocks=9, enhancers=0, enhancer_blocks=3, norm="plain_instance", channels=3, out=3,
        plane_skip=False,
    ):  # fmt: skip
        def normed(convolution, width):
            return [convolution, *norms(norm, width), nn.ReLU()]

        def first(width):
            return [nn.ReflectionPad2d(3), *normed(nn.Conv2d(channels, width, 7, bias=biased(norm)), width)]

        def half(width):
            return normed(nn.Conv2d(width, 2 * width, 3, stride=2, padding=1, bias=biased(norm)), 2 * width)

        def double(width):
            up = nn.ConvTranspose2d(2 * width, width, 3, stride=2, padding=1, output_padding=1, bias=biased(norm))
            return normed(up, width)

        super().__init__()
        self.plane_skip = plane_skip
        coarse = first(filters)
        for level in range(downs):
            coarse += half(filters * 2**level)
        coarse += [Residual(filters * 2**downs, norm) for _ in range(blocks)]
        for level in reversed(range(downs)):
            coarse += double(filters * 2**level)
        self.coarse = nn.Sequential(*coarse)
        self.enhancers = nn.ModuleList()
        for number in range(1, enhancers + 1):
            width = filters // 2**number
            inner = [Residual(2 * width, norm) for _ in range(enhancer_blocks)] + double(width)
            self.enhancers.append(nn.ModuleList([nn.Sequential(*first(width), *half(width)), nn.Sequential(*inner)]))
        width = filters // 2**enhancers
        seen = width + plane_skip * channels
        self.paint = nn.Sequential(nn.ReflectionPad2d(3), nn.Conv2d(seen, out, 7), nn.Tanh())

    def forward(self, image):
        """Translate (batch, channels, side, side)."""
        sizes = [image]
        for _ in self.enhancers:
            sizes.append(average_halved(sizes[-1]))
        x = self.coarse(sizes.pop())
        for outside, inside in self.enhancers:
            x = inside(outside(sizes.pop()) + x)
        return self.paint(torch.cat([x, image], 1) if self.plane_skip else x)


class MultiScale(nn.Module):
    """pix2pixHD's discriminators; gives a list for each, full size first: what every activation gives, and logits."""

    def __init__(self, filters=64, layers=3, scales=2, norm="plain_instance", channels=6):
        super().__init__()
        self.judges = nn.ModuleList(nn.ModuleList(self.parts(filters, layers, norm, channels)) for _ in range(scales))

    @staticmethod
    def parts(filters, layers, norm, channels):
        """Return the parts of one discriminator; each but the last ends with an activation."""
        widths = [channels, *(filters * min(2**level, 8) for level in range(layers + 1))]
        for level in range(layers + 1):
            own = norms(norm if level else "none", widths[level + 1])
            stride = 2 if level < layers else 1
            bias = biased(norm) or level == 0
            convolution = nn.Conv2d(widths[level], widths[level + 1], 4, stride, padding=2, bias=bias)
            yield nn.Sequential(convolution, *own, nn.LeakyReLU(LEAK))
        yield nn.Conv2d(widths[-1], 1, 4, stride=1, padding=2)

    def forward(self, *images):
        """Judge images (batch, channels, side, side), joined along their channels."""
        x, seen = torch.cat(images, dim=1), []
        for judge in self.judges:
            seen.append([])
            inner = x
            for part in judge:
                inner = part(inner)
                seen[-1].append(inner)
            x = average_halved(x)
        return seen


def average_halved(x):
    """Halve height and width by means over 3x3 pixels, of which those outside do not count."""
    return functional.avg_pool2d(x, 3, stride=2, padding=1, count_include_pad=False)


def build(case):
    """Build the network of a case in the mode the case asks for."""
    if case.network == "unet":
        network = UNet(case.image_size, **case.options)
    elif case.network == "resnet":
        network = ResNet(**case.options)
    elif case.network == "patchgan":
        network = PatchGAN(channels=sum(case.channels), **case.options)
    elif case.network == "multiscale":
        network = MultiScale(channels=sum(case.channels), **case.options)
    elif case.network == "encoder":
        network = CoarseToFine(blocks=0, **case.options)
    elif case.network == "coarse_to_fine":
        network = CoarseToFine(channels=sum(case.channels), **case.options)
    else:
        network = Residual(*case.channels, **case.options)
    return network.train(case.training)


def set_weights(network, weight):
    """Set every weight of a network, asking for each in Keras' words.

    Args:
        network: one of the networks above.
        weight: function of a Keras weight's name, its shape in Keras and the number of its layer, returning an array.
    """
    layers = [module for module in network.modules() if list(module.parameters(recurse=False))]
    for number, layer in enumerate(layers):
        for name, tensor in {**dict(layer.named_parameters()), **dict(layer.named_buffers())}.items():
            if name == "num_batches_tracked":
                continue
            name, axes = keras_name(layer, name)
            shape = tuple(tensor.permute(axes).shape)
            array = torch.tensor(np.asarray(weight(name, shape, number)))
            with torch.no_grad():
                tensor.copy_(array.permute([axes.index(axis) for axis in range(len(axes))]))


def keras_name(layer, name):
    """Return how Keras calls a weight, and the order of PyTorch's axes that gives Keras' shape."""
    if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
        return ("kernel", [2, 3, 1, 0]) if name == "weight" else ("bias", [0])
    names = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}
    return names[name], [0]


def to_torch(images):
    """Turn (batch, height, width, channels) into a tensor (batch, channels, height, width)."""
    return torch.tensor(np.moveaxis(images, 3, 1))


def run(network, images):
    """Apply a network to arrays (batch, height, width, channels); return one, or of several scales their logits."""
    seen = run_with_features(network, images)
    return [one[-1] for one in seen] if isinstance(seen, list) else seen


def run_with_features(network, images):
    """Apply a network to arrays (batch, height, width, channels); return one, or of several scales all they see."""
    with torch.no_grad():
        output = network(*map(to_torch, images))
    if isinstance(output, list):
        return [[np.moveaxis(one.numpy(), 1, 3) for one in seen] for seen in output]
    return np.moveaxis(output.numpy(), 1, 3)


def reference_output(case):
    """Return the output of a case with the weights and inputs of its seed."""
    network = build(case)
    set_weights(network, reference_cases.weight)
    return run(network, reference_cases.inputs(case))


if __name__ == "__main__":
    outputs = {name: reference_output(case) for name, case in reference_cases.CASES.items()}
    for name, output in outputs.items():
        for one in output if isinstance(output, list) else [output]:
            print(f"{name:26} {str(one.shape):18} mean {one.mean():+.4f}, deviation {one.std():.4f}")
    stored = {name: reference_cases.summary(output) for name, output in outputs.items()}
    np.savez_compressed(reference_cases.OUTPUTS, **stored)
    print(f"{reference_cases.OUTPUTS.name}: {reference_cases.OUTPUTS.stat().st_size / 1000:.0f} KB")
