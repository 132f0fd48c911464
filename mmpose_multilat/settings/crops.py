"""How a pipeline cuts faces out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Optional

from mmpose.datasets.transforms import GetBBoxCenterScale, TopdownAffine
from mmpose.registry import TRANSFORMS

from .classes import ABOUT_CLASS, class_of, has_class


@dataclass(frozen=True)
class CropSettings:
    """What decides the crops of a pipeline.

    Attributes:
        padding: The side of a crop is that of the face's box times this; None where the pipeline
            has no `GetBBoxCenterScale`.
        input_size: Size (w, h) of the crops in px; None where the pipeline has no `TopdownAffine`.
        use_udp: As in `TopdownAffine`.
    """

    padding: Optional[float]
    input_size: Optional[tuple[int, int]]
    use_udp: bool


def crop_settings(pipeline: Any) -> CropSettings:
    """Read how a pipeline cuts crops; only its transforms that do so are built.

    Args:
        pipeline: Settings of transforms, also inside others such as `RandomApply`; transforms that
            have been built count too.

    Raises:
        ValueError: If such a transform refuses its arguments.
    """
    padding = size = None
    use_udp = False
    for each in _croppers(pipeline):
        if isinstance(each, TopdownAffine):
            size, use_udp = tuple(each.input_size), bool(each.use_udp)
        else:
            padding = float(each.padding)
    return CropSettings(padding, size, use_udp)


def _croppers(content: Any) -> Iterator[Any]:
    """The transforms that cut crops, built, at any depth of mappings and lists."""
    kinds = GetBBoxCenterScale, TopdownAffine
    if isinstance(content, kinds):
        yield content
    elif isinstance(content, Mapping):
        if has_class(content, kinds, TRANSFORMS):
            yield _build(content)
        else:
            yield from _croppers(list(content.values()))
    elif isinstance(content, (list, tuple)):
        for each in content:
            yield from _croppers(each)


def _build(settings: Mapping[str, Any]) -> Any:
    kind = class_of(settings, TRANSFORMS)
    try:
        return kind(**{name: each for name, each in settings.items() if name not in ABOUT_CLASS})
    except Exception as error:  # a class of the user's may raise anything
        raise ValueError(f'{kind.__name__} of a pipeline cannot be built: {error}') from error
