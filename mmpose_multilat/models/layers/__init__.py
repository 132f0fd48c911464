"""Plain modules that networks are built of; nothing here is registered."""

from .band_pooling import BandPooling

__all__ = ['BandPooling']
