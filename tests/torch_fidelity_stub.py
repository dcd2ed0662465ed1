"""Import torch-fidelity where torchvision is not installed: its measures and networks use nothing of torchvision."""

import importlib
import importlib.util
import sys
import types

import pytest

STUBS = {
    "torchvision": (),
    "torchvision.datasets": ("CIFAR10", "CIFAR100", "STL10"),
    "torchvision.models": (),
    "torchvision.transforms": ("Compose",),
    "torchvision.transforms.functional": (),
}


def install():
    """Put stub modules for torchvision into `sys.modules`; an installed torchvision is left alone."""
    if "torchvision" in sys.modules or importlib.util.find_spec("torchvision"):
        return
    for name, classes in STUBS.items():
        module = types.ModuleType(name)
        for each in classes:
            setattr(module, each, type(each, (), {}))
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)


def load(module):
    """Import a module of torch-fidelity, or skip the test; "metric_fid" is `torch_fidelity.metric_fid`."""
    pytest.importorskip("torch", reason="the comparison needs torch")
    if importlib.util.find_spec("torch_fidelity") is None:
        pytest.skip("the comparison needs torch-fidelity")
    install()
    return importlib.import_module(f"torch_fidelity.{module}")
