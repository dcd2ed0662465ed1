"""What goes wrong in translations: grids in the texture, one colour for all, spots, errors where nothing was to learn.

Each looks at one fault, and says nothing of the others: an even grey has no grid and no spot.
"""

import numpy as np

from pix2pix_tf import errors
from pix2pix_tf.metrics import checks, colours

LUMINANCE = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
LATTICE = 8  # frequencies at multiples of 1/8 cycle a pixel: where three doublings leave their grids
LEAST_FREQUENCY = 2  # eighths of a cycle a pixel; below is what photos show themselves
DISTANCES = (-4, -3, -2, 2, 3, 4)  # bins from a frequency to its neighbours; the nearest are left to its leakage
SMALLEST = 40  # pixels: there, lattice frequencies are 5 bins apart, and none is a neighbour of another
FAINTEST = (2 / 255) ** 2  # power, at every frequency, of white noise whose deviation is one of the 255 levels
WINDOW = 9  # pixels: what a droplet is compared with
BORDER = 16  # a sixteenth of the rows at the top, and one at the bottom
REGIONS = ("outside", "inside", "border", "middle")


def mean_spectrum(images):
    """Return the power spectrum of luminance, the mean over images, each image's own mean taken off.

    |F|^2 / (height x width): white noise of variance v gives v at every frequency, and a checkerboard of amplitude a
    a^2 x height x width at (1/2, 1/2).

    Args:
        images: float32 (n, height, width, 3) in [-1, 1].

    Returns:
        float64 (height, width), not negative, frequencies as of `numpy.fft.fftfreq`, (0, 0) first.

    Raises:
        errors.InputError: if the images have another number of channels, values not finite or out of range.
    """
    images = _colour_images(images)
    return sum(map(_spectrum, images)) / len(images)


def spectrum_bands(images, edges):
    """Return the mean power of luminance in rings of frequencies, where a frequency counts by its larger part.

    Args:
        images: float32 (n, height, width, 3) in [-1, 1].
        edges: rising frequencies in cycles a pixel, such as (0, 1/8, 1/4, 1/2). A ring has its lower edge and not its
            upper one, but for the last, which has both. Frequency 0 is 0, the mean having been taken off.

    Returns:
        float64 (len(edges) - 1,), not negative; NaN for a ring without a frequency.

    Raises:
        errors.InputError: as `mean_spectrum`, or if the edges are fewer than two or do not rise.
    """
    edges = np.asarray(edges, np.float64)
    if edges.ndim != 1 or len(edges) < 2 or not (np.diff(edges) > 0).all():
        raise errors.InputError(f"edges are {edges.tolist()}; expected two or more rising frequencies")
    spectrum = mean_spectrum(images)
    rows, columns = (np.abs(np.fft.fftfreq(side)) for side in spectrum.shape)
    ring = np.searchsorted(edges, np.maximum(rows[:, None], columns), side="right") - 1
    ring[np.maximum(rows[:, None], columns) == edges[-1]] = len(edges) - 2
    inside = [spectrum[ring == number] for number in range(len(edges) - 1)]
    return np.array([power.mean() if power.size else np.nan for power in inside])


def spectral_peak(images):
    """Return how far a grid stands out of the texture: the highest peak of the mean spectrum where generators have one.

    The ratio of the power at a frequency to that of its neighbourhood, and of all multiples of 1/8 cycle a pixel from
    1/4 on, in both directions, the largest. Neighbours are the frequencies 2, 3 and 4 bins away in the same row and in
    the same column of the spectrum; of the two means the larger counts, so that the cross on the axes of a photo's
    spectrum is no peak, and at least the power of noise of one of 255 levels: enlarging by nearest neighbours leaves
    next to nothing at the highest frequencies, and a remainder there that nobody sees would stand out of it. Range 0 to
    height x width and more; about 1 to 2 without a grid, the largest of many ratios. It looks at one frequency, not at
    how much of the image is a grid, and a translation resized after it was made has its grid elsewhere.

    Args:
        images: float32 (n, height, width, 3) in [-1, 1], sides of at least 40 pixels; rows and columns beyond a
            multiple of 8 are left out.

    Returns:
        {"value": float, "frequency": (rows, columns)}: the frequency in cycles a pixel, rows 0 to 1/2, columns -3/8 to
        1/2.

    Raises:
        errors.InputError: as `mean_spectrum`, or if a side is under 40 pixels.

    Source: Zhang, Karaman and Chang 2019, "Detecting and Simulating Artifacts in GAN Fake Images"; Odena et
        al. 2016, "Deconvolution and Checkerboard Artifacts".
    Deviation: they look at spectra; the ratio and its neighbourhood are this library's.
    """
    images = _colour_images(images)
    return highest_peak(_on_lattice(mean_spectrum(_cropped(images)))[None])


def lattice_powers(images):
    """Return of every image what `highest_peak` needs, so that peaks of any choice of images are means of rows.

    Args:
        images: as of `spectral_peak`.

    Returns:
        float64 (n, frequencies, 3): power, that of its row neighbours, that of its column neighbours.

    Raises:
        errors.InputError: as `spectral_peak`.
    """
    return np.stack([_on_lattice(_spectrum(image)) for image in _cropped(_colour_images(images))])


def highest_peak(powers):
    """Return `spectral_peak` from the powers of every image, as of `lattice_powers`."""
    power, *neighbours = np.moveaxis(np.mean(powers, axis=0), -1, 0)
    ratios = power / np.maximum(np.maximum(*neighbours), FAINTEST)
    row, column = _lattice()[np.argmax(ratios)] / LATTICE
    return {"value": float(ratios.max()), "frequency": (float(row), float(column))}


def colour_spread(images):
    """Return how much the colours of images differ from one to another.

    The root of the summed variances, over images, of each image's mean a* and mean b*. Range 0 (all of one colour) to
    about 140; neither way is better by itself: it should be what it is of real photos. A generator that answers the
    question of a wall's colour with the mean of all answers has a small one.

    Args:
        images: float32 (n, height, width, 3) in [-1, 1], n at least 2.

    Returns:
        Float, in units of CIE L*a*b*.

    Raises:
        errors.InputError: as `colours.lab`, or if there is one image only.
    """
    return spread_of(mean_colours(images))


def mean_colours(images):
    """Return the mean a* and b* of every image, float64 (n, 2), from images as of `colour_spread`."""
    return np.stack([colours.lab(image[None])[0, ..., 1:].mean(axis=(0, 1)) for image in checks.images(images)])


def spread_of(means):
    """Return `colour_spread` from the means of every image, as of `mean_colours`."""
    if len(means) < 2:
        raise errors.InputError("the spread of colours of one image is not defined; give two or more")
    return float(np.sqrt(np.var(means, axis=0, ddof=1).sum()))


def error_by_region(real, generated, void=None):
    """Return the mean absolute difference of image pairs, apart where a photo shows something and where it is void.

    Args:
        real: float32 (n, height, width, channels) in [-1, 1].
        generated: the same shape and range, image i the translation that belongs to real image i.
        void: bool (n, height, width), True where the real photo is void, such as the wedges of a turned photo; None
            for nowhere.

    Returns:
        Dict of float64 arrays (n,), each in [0, 2] and NaN where a photo has no such pixel: "outside" and "inside"
        void; outside void also "border" (the top and the bottom sixteenth of the rows, one row at least) and "middle"
        (the middle half of the rows).

    Raises:
        errors.InputError: if shapes differ, or values are not finite or out of range.
    """
    real, generated = checks.image_pairs(real, generated)
    void = np.zeros(real.shape[:3], bool) if void is None else np.asarray(void)
    if void.dtype != bool or void.shape != real.shape[:3]:
        raise errors.InputError(f"void is {void.dtype} of shape {void.shape}; expected bool {real.shape[:3]}")
    difference = np.abs(real - generated).mean(axis=3, dtype=np.float64)
    height = real.shape[1]
    rows, edge = np.arange(height)[:, None], max(1, height // BORDER)
    border = (rows < edge) | (rows >= height - edge)
    middle = (rows >= height // 4) & (rows < height - height // 4)
    chosen = (~void, void, ~void & border, ~void & middle)
    return {name: _mean_where(difference, where) for name, where in zip(REGIONS, chosen, strict=True)}


def droplet(images):
    """Return how far the mean of all images stands out at one place: a spot that a generator puts into every image.

    The largest difference, over pixels and channels, of the mean image from its own mean in the 9x9 window around the
    pixel. Range 0 to 2; lower is better, but the mean of few images has edges of its own: compare with real photos.

    Args:
        images: float32 (n, height, width, channels) in [-1, 1], sides of at least 5 pixels.

    Returns:
        {"value": float, "place": (row, column, channel)}.

    Raises:
        errors.InputError: if a side is under 5 pixels, values are not finite or out of range.

    Source: Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN", section 2, for droplets.
    """
    return stands_out(checks.images(images).mean(axis=0, dtype=np.float64))


def stands_out(mean_image):
    """Return `droplet` from the mean image, float64 (height, width, channels)."""
    apart = np.abs(mean_image - _window_means(mean_image))
    place = np.unravel_index(np.argmax(apart), apart.shape)
    return {"value": float(apart[place]), "place": tuple(map(int, place))}


def deviations_at(images, place):
    """Return how far every image is from its 9x9 window at one place: the size of their mean is `droplet`'s value.

    Args:
        images: as of `droplet`.
        place: (row, column, channel), such as that of `droplet`.

    Returns:
        float64 (n,), in [-2, 2].
    """
    row, column, channel = place
    one_channel = np.moveaxis(checks.images(images)[..., channel], 0, -1).astype(np.float64)  # (height, width, n)
    window = _padded(one_channel)[row : row + WINDOW, column : column + WINDOW]
    return one_channel[row, column] - window.mean(axis=(0, 1))


def _colour_images(images):
    """Return images of three channels as `checks.images` does."""
    images = checks.images(images)
    if images.shape[3] != 3:
        raise errors.InputError(f"images have {images.shape[3]} channels; luminance needs the three of RGB")
    return images


def _cropped(images):
    """Return images without what is beyond a multiple of 8 pixels; there a lattice frequency is a bin."""
    height, width = (side // LATTICE * LATTICE for side in images.shape[1:3])
    if min(height, width) < SMALLEST:
        raise errors.InputError(
            f"images of {images.shape[2]}x{images.shape[1]} are too small for a spectral peak and its neighbourhood; "
            f"use sides of at least {SMALLEST} pixels"
        )
    return images[:, :height, :width]


def _spectrum(image):
    """Return the power spectrum of one image, float64 (height, width)."""
    luminance = image.astype(np.float64) @ LUMINANCE
    return np.abs(np.fft.fft2(luminance - luminance.mean())) ** 2 / luminance.size


def _lattice():
    """Return the frequencies of a peak in eighths of a cycle a pixel, int (frequencies, 2): half of a plane."""
    half = LATTICE // 2
    rows, columns = np.meshgrid(np.arange(half + 1), np.arange(1 - half, half + 1), indexing="ij")
    both = np.stack([rows.ravel(), columns.ravel()], axis=-1)
    is_other_half = np.isin(both[:, 0], (0, half)) & (both[:, 1] < 0)  # the same wave as with both signs turned
    return both[(np.abs(both).max(axis=1) >= LEAST_FREQUENCY) & ~is_other_half]


def _on_lattice(spectrum):
    """Return power, row neighbours' and column neighbours' mean power at every frequency, (frequencies, 3)."""
    height, width = spectrum.shape
    rows, columns = (_lattice() * (height // LATTICE, width // LATTICE)).T[..., None]  # (frequencies, 1) each
    along_row = spectrum[rows % height, (columns + DISTANCES) % width]
    along_column = spectrum[(rows + DISTANCES) % height, columns % width]
    power = spectrum[rows % height, columns % width]
    return np.concatenate([power, *(part.mean(axis=1, keepdims=True) for part in (along_row, along_column))], axis=1)


def _mean_where(values, chosen):
    """Return the mean of the chosen pixels of every image, (n,); NaN where none is."""
    counts = chosen.sum(axis=(1, 2))
    sums = np.where(chosen, values, 0).sum(axis=(1, 2))
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _padded(image):
    """Reflect an image (height, width, ...) at its border, by half a window."""
    half = WINDOW // 2
    if min(image.shape[:2]) <= half:
        raise errors.InputError(f"images of {image.shape[1]}x{image.shape[0]} are too small for a window of 9 pixels")
    return np.pad(image, [(half, half), (half, half), (0, 0)], mode="reflect")


def _window_means(image):
    """Return the mean of the window around every pixel, float64 (height, width, channels)."""
    rows = np.lib.stride_tricks.sliding_window_view(_padded(image), WINDOW, axis=0).mean(axis=-1)
    return np.lib.stride_tricks.sliding_window_view(rows, WINDOW, axis=1).mean(axis=-1)
