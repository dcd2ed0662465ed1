"""The synthetic street fronts: `layout` draws the labels, `rendering` a photo of them; the rest are their parts."""
