import pytest
from mmpose.datasets.transforms import GetBBoxCenterScale, TopdownAffine
from settings.config_samples import SPELLINGS, pipeline

from mmpose_multilat.settings import CropSettings, crop_settings


@pytest.mark.parametrize('spelling', SPELLINGS)
def test_crops_of_every_spelling(spelling):
    found = crop_settings(pipeline(spelling, padding=1.5, use_udp=True))
    assert found == CropSettings(1.5, (64, 48), True)


class Wide(GetBBoxCenterScale):
    """Boxes with another padding than MMPose's."""

    def __init__(self, **settings):
        super().__init__(**{'padding': 2.0, **settings})


@pytest.mark.parametrize(
    'steps, expected',
    [
        ([], (None, None, False)),
        ([dict(type='GetBBoxCenterScale')], (1.25, None, False)),
        ([dict(type=Wide)], (2.0, None, False)),
        ([Wide(), TopdownAffine((8, 4)), print], (2.0, (8, 4), False)),
        ([dict(type='RandomApply', transforms=pipeline(), prob=1.0)], (1.5, (64, 48), False)),
        ([dict(type='Nope', padding=3), 3, None], (None, None, False)),
    ],
)
def test_other_pipelines(steps, expected):
    assert crop_settings(steps) == CropSettings(*expected)


def test_arguments_that_are_refused():
    with pytest.raises(ValueError, match='TopdownAffine of a pipeline cannot be built: .*input_si'):
        crop_settings([dict(type='TopdownAffine')])
