"""Images of two domains and batches of them, of which no two belong together. A batch is a function of (seed, step)."""

from pix2pix_tf import images
from pix2pix_tf.datasets import memory, pairs, sampling


class Unpaired(pairs.Pairs):
    """Hand out an image of A beside one of B, singly or in batches; the surface is that of `pairs.Pairs`.

    Each domain is shuffled on its own, so every epoch of it meets the other in another order; jitter, too, is drawn for
    each image alone. An epoch ends for each domain by itself: the smaller one comes round more often. Where the set has
    known counterparts, training never shows an image beside its own; `pair` and `examples` do, for measuring.

    Attributes:
        name, split: as of the domains.
        names: what the examples are called: as the image of A and the one of B, if both have the same name once.
        side_names: names of the images of A and of B, two lists.
        counts, side_counts: number of examples of every split, and of images of A and B (two int).
        counterparts: whether the two images of `pair` show the same.
        direction: "a_to_b": A is always the first.
        image_size, jitter: as given.
        label_sides: two bools: is A, is B a domain of label maps?
        digest: SHA-256 of the content, in hexadecimal.
        passed_over: as of `pairs.Pairs`.

    Source: Zhu et al. 2017, "Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks", section
        3, and appendix 7.1 for the jitter.
    Deviation: The authors' code draws the image of B with replacement; here every epoch shows each one once.
    """

    paired = False
    direction = "a_to_b"
    held_out_splits = "val", "test"  # public sets have no val; nothing is chosen by what is measured on test

    def __init__(self, domains, image_size, jitter, seed=0, memory_limit=pairs.GIBIBYTE):
        """Check all content, before anything is trained on it.

        Args:
            domains: a `sources.Domains`.
            image_size: side of the images, in pixels; images that are not square are stretched.
            jitter: whether batches are cropped from enlarged images and mirrored at random.
            seed: the default of `batch` and `batches`.
            memory_limit: largest number of bytes of images to hold in memory.

        Raises:
            errors.InputError: if content of the domains cannot be used.
        """
        self.name, self.split, self.counterparts = domains.name, domains.split, domains.counterparts
        self.side_counts, self.counts = domains.counts, {key: max(sides) for key, sides in domains.counts.items()}
        self.side_names, self.passed_over = (domains.a.names, domains.b.names), domains.passed_over
        self.image_size, self.jitter, self._seed = image_size, jitter, seed
        self.sides = domains.a.sides[0], domains.b.sides[-1]
        self.names = [_named(*(self._nth(names, index) for names in self.side_names)) for index in range(len(self))]
        size = sampling.load_size(image_size) if jitter else image_size
        self._stores = _stores(domains, size, memory_limit)
        self._plain = _stores(domains, image_size, memory_limit=0) if jitter else self._stores
        self.digest = domains.verify(*[store.keep for store in self._stores])

    def __len__(self):
        """Count the examples: as many as the larger domain has images."""
        return max(len(names) for names in self.side_names)

    def __repr__(self):
        """Describe the domains."""
        counts = " + ".join(str(len(names)) for names in self.side_names)
        return f"<{counts} unpaired images of {self.name!r}, split {self.split!r}, {self.image_size} pixels>"

    def find_stored_size(self):
        """Return the smallest height or width of the first image of A and of B as stored, in pixels."""
        return min(store.find_stored_size() for store in self._plain)

    def pair(self, index):
        """Return the images of A and B at an index, without jitter; the smaller domain begins anew at its end.

        Args:
            index: number of the example, as in `names`.

        Returns:
            Images of A and B, float32 arrays of shape (image_size, image_size, 3), values -1 to 1.
        """
        index = range(len(self))[index]
        places = [self._nth(range(len(names)), index) for names in self.side_names]
        stored = [store.get(place)[part] for store, place, part in zip(self._plain, places, (0, -1), strict=True)]
        return self._arrange(stored, pairs.finish_array)

    def read_side(self, index, side):
        """Return an image of A (side 0) or B (1) alone, uint8 (image_size, image_size, 3)."""
        return images.to_uint8(self.pair(index)[side])

    def _nth(self, values, index):
        """Return the value at an index, round the end."""
        return values[index % len(values)]

    def _prepare(self):
        for store in self._stores:
            store.prepare()

    def _example(self, position, seed):
        """Make the example at a position: float32 images of A and B of shape (image_size, image_size, 3)."""
        return self._side(0, position, seed), self._side(1, position, seed)

    def _side(self, side, position, seed):
        """Make the image of one domain at a position."""
        count = len(self.side_names[side])
        if side == 1 and self.counterparts:
            index = sampling.other_index_at(position, count, seed)
        else:
            index = sampling.index_at(position, count, seed, side)
        image = self._stores[side].gather(index)[-side]  # the first of a source's sides is A, the last is B
        if self.jitter:
            draws = sampling.jitter_at(position, self._stores[side].size - self.image_size, seed, side)
            (image,) = sampling.jitter([image], *draws, self.image_size)
        return pairs.finish(image, self.sides[side])


def _named(name_a, name_b):
    """Return what an example of two images is called."""
    return name_a if name_a == name_b else f"{name_a}+{name_b}"


def _stores(domains, size, memory_limit):
    """Return the stores of A and B: one and the same for the two sides of pairs."""
    if domains.a is domains.b:
        return [memory.Store(domains.a, size, memory_limit)] * 2
    return [memory.Store(source, size, memory_limit // 2) for source in (domains.a, domains.b)]
