"""Pictures of random pixels, and their files."""

import numpy as np
from PIL import Image

SIZE = 16


def picture(seed, height=SIZE, width=SIZE):
    """Return a picture that its seed decides, uint8 (height, width, 3)."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def save(path, image):
    """Write a picture, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)
