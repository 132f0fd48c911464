import pytest
from mmpose.codecs import MSRAHeatmap, SimCCLabel

from mmpose_multilat.analysis import registered_decoders, settings_of, unfit_decoders
from mmpose_multilat.codecs import GaussianVector, POPoS

SIZES = dict(input_size=(256, 256), heatmap_size=(8, 8), sigma=1.5)


def test_all_decoders_take_part_and_the_own_one_keeps_its_settings():
    codec = POPoS(**SIZES, num_anchors=25)
    decoders = registered_decoders(codec)
    assert list(decoders)[:5] == ['one-hot', 'two-hot', 'DARK', 'KeyPosS', 'POPoS']
    assert decoders['POPoS'] is codec
    assert {each.heatmap_size for each in decoders.values()} == {(8, 8)}


def test_the_decoding_of_mmpose_comes_first():
    codec = MSRAHeatmap((256, 256), (64, 64), sigma=2)
    decoders = registered_decoders(codec)
    assert next(iter(decoders)) == 'MSRAHeatmap' and decoders['MSRAHeatmap'] is codec
    assert 'POPoS' in decoders


@pytest.mark.parametrize('codec', [GaussianVector(**SIZES), SimCCLabel((256, 256))])
def test_what_is_no_gaussian_heatmap_has_its_own_decoder_alone(codec):
    assert registered_decoders(codec) == {type(codec).__name__: codec}
    assert unfit_decoders(codec) == {}


def test_settings_are_kept_without_the_shared_ones():
    settings = settings_of(POPoS(**SIZES, num_anchors=12))
    assert settings['num_anchors'] == 12 and settings['solver'] == 'exact'
    assert not {'input_size', 'heatmap_size', 'sigma'} & set(settings)
