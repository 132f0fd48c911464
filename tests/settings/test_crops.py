import pytest
from mmengine.config import Config
from mmpose.datasets.transforms import GetBBoxCenterScale, TopdownAffine
from settings.config_samples import SPELLINGS, pipeline

from mmpose_multilat.settings import (
    CropSettings,
    crop_settings,
    metainfo_of_config,
    pipelines_of,
)


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


NEW_STYLE = """
from mmengine.config import read_base
from mmengine.dataset import ConcatDataset
from mmpose.datasets.datasets import Face300WDataset
from mmpose.datasets.transforms import GetBBoxCenterScale, LoadImage, PackPoseInputs, TopdownAffine

with read_base():
    from .base_of_it import size

steps = [
    dict(type=LoadImage),
    dict(type=GetBBoxCenterScale, padding=1.5),
    dict(type=TopdownAffine, input_size=size),
    dict(type=PackPoseInputs),
]
one = dict(type=Face300WDataset, ann_file='none.json', pipeline=steps)
test_dataloader = dict(dataset=dict(type=ConcatDataset, datasets=[one]))
"""


@pytest.mark.parametrize('dumped', [False, True])
def test_configs_of_classes(tmp_path, dumped):
    """MMEngine's new configs name classes, and full paths once they are written to a file."""
    (tmp_path / 'base_of_it.py').write_text('size = (64, 48)')
    (tmp_path / 'new_style.py').write_text(NEW_STYLE)
    config = Config.fromfile(tmp_path / 'new_style.py')
    if dumped:
        config.dump(tmp_path / 'dumped.py')
        config = Config.fromfile(tmp_path / 'dumped.py')
    ((place, steps),) = pipelines_of(config).items()
    assert place == 'test_dataloader.dataset.datasets.0'
    assert crop_settings(steps) == CropSettings(1.5, (64, 48), False)
    assert metainfo_of_config(config)['dataset_name'] == '300w'
