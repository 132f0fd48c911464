"""Whether the description of an exported model tells all of how a test cuts its crops."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from mmpose.datasets.transforms import GetBBoxCenterScale, LoadImage, PackPoseInputs, TopdownAffine
from mmpose.registry import TRANSFORMS

from mmpose_multilat.deploy import ModelDescription
from mmpose_multilat.deploy.probes import with_channels
from mmpose_multilat.errors import UserError, explain_errors
from mmpose_multilat.settings import ABOUT_CLASS, class_of

from .boxes import Box
from .crops import Cropper
from .frames import Frame
from .inputs import IMAGE, Source
from .loading import cropper_of
from .pipeline_crops import PipelineCropper
from .readings import STORED

SIZE = 120, 160
"""Height and width of the image that is tried."""

BOXES = Box(30.0, 20.0, 80.0, 70.0), Box(-15.0, 50.0, 60.0, 90.0)
"""In it: within the image, and beyond its edge."""

USUAL = LoadImage, GetBBoxCenterScale, TopdownAffine, PackPoseInputs

UNNAMED = (*ABOUT_CLASS, 'backend_args')
"""Settings that change nothing of a crop."""


def check_described_crops(
    pipeline: Sequence[Any], metainfo: Mapping[str, Any], description: ModelDescription
) -> str:
    """Compare the crops that a test pipeline cuts with those that a description tells.

    Both are tried on an image: whatever transforms a pipeline has, under whatever names, what they
    do to crops counts.

    Args:
        pipeline: Of the test set.
        metainfo: Of its landmarks, which transforms may ask for.
        description: Of the model to be exported.

    Returns:
        Names of the steps for training, which count for nothing; '' for none.

    Raises:
        UserError: If the crops differ; the message names what the pipeline has besides.
    """
    described = cropper_of(description)
    with explain_errors('the test pipeline of the config, which cuts the crops, cannot be tried'):
        own = PipelineCropper(list(pipeline), metainfo, description.channels)
        same = all(_same(own, described, box) for box in BOXES)
    if not same:
        width, height = description.input_size
        raise UserError(
            'the test pipeline does with crops what an ONNX file cannot say: '
            f'{", ".join(_particulars(pipeline))}. It knows crops of {width} x {height} px (the '
            "codec's input_size), cut by TopdownAffine from 8-bit images, boxes enlarged by "
            f'{description.bbox_padding}. Change the pipeline by --cfg-options '
            'test_dataloader.dataset.pipeline.PLACE.SETTING=VALUE, or use predict with the config'
        )
    return own.left_out


def _same(one: Cropper, other: Cropper, box: Box) -> bool:
    """Whether both cut the same out of an image."""
    first, second = (each(_frame(each), box) for each in (one, other))
    places = ((each.region.centre, each.region.size) for each in (first, second))
    return np.array_equal(first.image, second.image) and np.allclose(*places)


def _frame(cut: Cropper) -> Frame:
    """An image with something everywhere, read as a pipeline reads images."""
    image = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), np.uint8)
    reading = cut.reading
    stored = reading.color_type == STORED
    shown = with_channels(image, reading.channels) if stored else reading.convert(image)
    return Frame(Source(IMAGE, ''), image, shown=shown)


def _particulars(pipeline: Sequence[Any]) -> list[str]:
    """The transforms of a pipeline with their settings, without usual ones that have none."""
    named = []
    for step in pipeline:
        kind = class_of(step, TRANSFORMS) or type(step)
        settings = step if isinstance(step, Mapping) else {}
        words = ', '.join(f'{key}={each!r}' for key, each in settings.items() if key not in UNNAMED)
        if words or kind not in USUAL:
            named.append(f'{getattr(kind, "__name__", kind)}({words})')
    return named
