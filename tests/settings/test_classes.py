"""A class is known by what its type resolves to, however it is written."""

import pytest
from mmengine.registry import Registry
from mmpose.codecs import MSRAHeatmap
from mmpose.datasets.transforms import GetBBoxCenterScale, TopdownAffine
from mmpose.registry import KEYPOINT_CODECS, TRANSFORMS
from settings.config_samples import SPELLINGS

from mmpose_multilat.settings import class_of, has_class, known_class


@pytest.mark.parametrize('spelling', SPELLINGS)
def test_every_spelling_names_the_class(spelling):
    settings = dict(SPELLINGS[spelling](TopdownAffine), input_size=(64, 64))
    assert issubclass(class_of(settings, TRANSFORMS), TopdownAffine)
    assert has_class(settings, (GetBBoxCenterScale, TopdownAffine), TRANSFORMS)
    assert not has_class(settings, GetBBoxCenterScale, TRANSFORMS)


@pytest.mark.parametrize('spelling', SPELLINGS)
def test_known_classes(spelling):
    assert issubclass(known_class(SPELLINGS[spelling](MSRAHeatmap), KEYPOINT_CODECS), MSRAHeatmap)


@pytest.mark.parametrize(
    'settings',
    [None, 3, 'TopdownAffine', {}, dict(type=None), dict(type='Nope'), dict(type='no.module.Nope')],
)
def test_what_names_no_class(settings):
    assert class_of(settings, TRANSFORMS) is None
    assert known_class(settings, TRANSFORMS) is None
    assert not has_class(settings, TopdownAffine, TRANSFORMS)


def test_a_class_of_another_name_is_found_by_the_name_it_is_registered_with():
    registry = Registry('parts', scope='mmpose_multilat')
    registry.register_module('Crop', module=TopdownAffine)
    assert class_of(dict(type='Crop'), registry) is TopdownAffine


def test_nothing_is_imported_for_a_known_class(monkeypatch, tmp_path):
    (tmp_path / 'never_imported.py').write_text('raise SystemExit')
    monkeypatch.syspath_prepend(tmp_path)
    assert known_class(dict(type='never_imported.KeyPosS'), KEYPOINT_CODECS) is None
