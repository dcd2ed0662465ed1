"""The synthetic street fronts: `layout` draws the labels, `rendering` a photo of them, the other modules their parts."""
