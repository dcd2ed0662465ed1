"""Image-to-image translation with GANs: pix2pix in Keras 3 on TensorFlow, taught in Jupyter and built to be used."""

__version__ = "0.1.0"
