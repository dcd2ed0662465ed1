"""What goes wrong while a method trains, measured at every preview: a grid, one colour for all, borders, memorising."""

import numpy as np

from pix2pix_tf.metrics import artefacts, colours
from pix2pix_tf.training import gap

PAIRS = 16  # whose translations are measured
JUDGED = 8  # pairs of each kind that the discriminator judges


class Instruments:
    """Measures a model beside its losses; what is measured on is read once and kept.

    Args:
        model: a `method.Method`.
        train: what it learns from.
        validation: what it is measured on, `datasets.pairs.Pairs` or unpaired images.
    """

    def __init__(self, model, train, validation):
        self.model, self.train, self.validation = model, train, validation
        self.examples = self.judged = None

    def measure(self):
        """Return the measures by name, each a float.

        "spectral_peak" is that of the translations, "colour_spread" is in parts of the true images', "l1_border" is the
        error in the top and bottom sixteenth minus that in the middle half, where nothing is void, and "l1_in_void"
        that in void, where there is any; "memorised" is the mean logit of training pairs minus that of validation
        pairs, and "source_counts" that of validation pairs minus that of the same targets beside other sources. Of a
        method without pairs the first two are there for each domain, "_a" and "_b". Of coloured photographs there is
        "colourfulness", in parts of the true ones'. Of images under 40 pixels there is nothing.
        """
        if self.examples is None:
            sources, targets = self.validation.examples(range(min(PAIRS, len(self.validation))))
            self.examples = sources, self._show(sources, targets)
        sources, targets = self.examples
        if len(targets) < 2 or targets.shape[1] < artefacts.SMALLEST or targets.shape[3] != 3:
            return {}
        if not self.model.paired:
            there, back = self.model.translate(sources), self.model.translate(targets, "b_to_a")
            return {**_measure_look(there, targets, "_b"), **_measure_look(back, sources, "_a")}
        outputs = self._show(sources, self.model.show(sources, targets))
        regions = artefacts.error_by_region(targets, outputs, _void_of(sources))
        found = {"l1_border": np.nanmean(regions["border"]) - np.nanmean(regions["middle"])}
        if not np.isnan(regions["inside"]).all():
            found["l1_in_void"] = np.nanmean(regions["inside"])
        if self.validation.task:
            found["colourfulness"] = _measure_colourfulness(outputs) / max(_measure_colourfulness(targets), 1e-6)
        return {**_measure_look(outputs, targets), **found, **self.judge()}

    def _show(self, sources, values):
        """Return values as the pictures that are measured: of a and b the photographs that they colour."""
        return self.validation.show(sources, values) if self.validation.task else values

    def judge(self):
        """Return what the discriminator's answers give away, if there is one."""
        if getattr(self.model, "discriminator", None) is None:
            return {}
        if self.judged is None:
            sets = (self.train, self.validation)
            self.judged = [some.examples(gap.choose(len(some), JUDGED, seed=0)) for some in sets]
        logits = gap.logits_of(self.model, *self.judged)
        return {
            "memorised": logits["training"] - logits["validation"],
            "source_counts": logits["validation"] - logits["mismatched"],
        }


def _measure_look(outputs, real, suffix=""):
    """Return peak and spread of some translations."""
    spread = artefacts.colour_spread(outputs) / max(artefacts.colour_spread(real), 1e-6)
    return {f"spectral_peak{suffix}": artefacts.spectral_peak(outputs)["value"], f"colour_spread{suffix}": spread}


def _measure_colourfulness(some):
    """Return the mean colourfulness of some pictures."""
    return float(np.mean(colours.colourfulness(some)))


def _void_of(sources):
    """Return the masks that ride with some sources, bool (n, height, width), or None."""
    void = sources.get("void") if isinstance(sources, dict) else None
    return None if void is None else np.asarray(void)[..., 0] > 0
