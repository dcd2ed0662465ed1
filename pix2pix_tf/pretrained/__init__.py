"""Published networks, readers of their files, and generators that come with the package."""

from pix2pix_tf.pretrained.shipped import find, list_names, load

__all__ = ["find", "list_names", "load"]
