"""The decoders of the package; a new one is found here on the day it is registered."""

import inspect

from mmpose_multilat.codecs import HeatmapCodec


def registered_decoders(base: type = HeatmapCodec) -> list[type]:
    """Concrete subclasses of a codec in the package, by name; tests define codecs of their own."""
    found, open_ = set(), [base]
    while open_:
        subclasses = set(open_.pop().__subclasses__())
        found |= subclasses
        open_ += subclasses
    ours = (cls for cls in found if cls.__module__.startswith('mmpose_multilat.'))
    return sorted(
        (cls for cls in ours if not inspect.isabstract(cls)), key=lambda cls: cls.__name__
    )
