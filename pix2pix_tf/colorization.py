"""Colours for photographs: a network says a and b of their L, and they keep everything else, at full size.

Source: Zhang et al. 2016, "Colorful Image Colorization", section 2 (L to a and b); Isola et al. 2017, section 4.
"""

import numpy as np

from pix2pix_tf import errors, images, lab, palettes

TASK = "colorization"
MOST_PIXELS = 50_000_000  # what 4 GB hold


class Colorizer:
    """Colours photographs of any size with a generator; it is called like the `translation.Translator` that it wraps.

    The generator sees a photograph as it saw those of training: resized to a square of its own size. What it says of a
    and b is enlarged to the photograph, whose own L stays as it is.

    Args:
        translator: `translation.Translator` of a network from L to a and b, or the `palettes.Painter` of one.
    """

    def __init__(self, translator):
        self.translator = translator
        self.generator, self.image_size = translator.generator, translator.image_size

    @property
    def has_palettes(self):
        """Whether the network takes a palette."""
        return isinstance(self.translator, palettes.Painter)

    def __call__(self, photographs, seed=None, resize=False, palette=None, saturation=1.0):
        """Colour photographs one by one.

        Args:
            photographs: float32 (batch, height, width, 3) in [-1, 1], sRGB: grey, brown or in colour; of their colours
                nothing is looked at.
            seed: decides the noise, and with the photograph itself which palette is drawn; None is seed 0.
            resize: makes no difference: the network always works at its own size.
            palette: (classes, 2) as of `measure`; None draws one of training for each, if the network takes any.
            saturation: what a and b are multiplied by; 0 leaves grey, more than 1 is stronger than the network says.

        Returns:
            float32 array (batch, height, width, 3) in [-1, 1], sRGB.

        Raises:
            errors.InputError: if photographs have another shape, values that are no floats from -1 to 1, or are too
                large; if the saturation is negative, or a palette is given and the network takes none.
        """
        self.check(np.shape(photographs), resize)
        images.check_values(photographs if hasattr(photographs, "dtype") else np.asarray(photographs))
        if not 0 <= saturation < np.inf:
            raise errors.InputError(f"saturation is {saturation}; expected 0 or more, such as 1.3")
        chosen = {} if palette is None else {"palette": palette}
        if palette is not None and not self.has_palettes:
            raise errors.InputError("the network takes no palettes; leave out palette")
        return np.stack([self._colour(one, seed, saturation, chosen) for one in np.asarray(photographs, np.float32)])

    def check(self, shape, resize=False):
        """Raise InputError unless photographs of this shape can be coloured."""
        if len(shape) != 4 or shape[3] != 3 or 0 in shape:
            raise errors.InputError(f"photographs have shape {tuple(shape)}; expected (batch, height, width, 3)")
        if shape[1] * shape[2] > MOST_PIXELS:
            raise errors.InputError(
                f"a photograph has {shape[2]}x{shape[1]} pixels, and {MOST_PIXELS // 10**6} megapixels fit in memory: "
                "shrink it"
            )

    def measure(self, photograph, _=None):
        """Return the palette (classes, 2) of a photograph, float32 (height, width, 3), to colour others with."""
        lightness, colours = lab.split_array(images.resize(photograph, self.image_size))
        return self.translator.measure(colours, lightness)

    def draw(self, *key):
        """Return one of the palettes of training, (classes, 2), by whole numbers that alone decide which."""
        return self.translator.draw(*key)

    def _colour(self, photograph, seed, saturation, chosen):
        """Colour one photograph (height, width, 3)."""
        small, _ = lab.split_array(images.resize(photograph, self.image_size))
        colours = self.translator(small[None], seed, **chosen)[0]
        return lab.join(lab.lightness_of(photograph), images.resize(colours, photograph.shape[:2]) * saturation)
