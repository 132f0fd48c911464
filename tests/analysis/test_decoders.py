import pytest
from mmpose.codecs import MegviiHeatmap, MSRAHeatmap, UDPHeatmap

from mmpose_multilat.analysis import decoders_like, decodes_gaussians, misfits
from mmpose_multilat.codecs import GaussianVector, HeatmapCodec, KeyPosS, POPoS


@pytest.mark.parametrize(
    'codec, alignment',
    [
        (MSRAHeatmap((256, 192), (64, 48), sigma=1.5), 'msra'),
        (UDPHeatmap((256, 192), (64, 48), sigma=1.5), 'udp'),
        (KeyPosS((256, 192), (64, 48), sigma=1.5, alignment='udp'), 'udp'),
    ],
)
def test_every_decoder_takes_over_the_facts_of_the_codec(codec, alignment):
    decoders = decoders_like(codec)
    assert list(decoders) == ['one-hot', 'two-hot', 'DARK', 'KeyPosS', 'POPoS', 'GaussianMLE']
    for decoder in decoders.values():
        assert isinstance(decoder, HeatmapCodec)
        facts = decoder.input_size, decoder.heatmap_size, decoder.sigma, decoder.alignment
        assert facts == ((256, 192), (64, 48), 1.5, alignment)


def test_the_codec_itself_keeps_its_settings():
    codec = POPoS((256, 256), (32, 32), num_anchors=25, solver='grid')
    assert decoders_like(codec)['POPoS'] is codec


def test_stations_fit_the_smallest_heatmap():
    assert decoders_like(MSRAHeatmap((256, 256), (3, 3), sigma=2))['POPoS'].num_anchors == 9


@pytest.mark.parametrize('beyond_box', [True, False])
def test_landmarks_beyond_the_box_are_sought_by_all_or_none(beyond_box):
    decoders = decoders_like(KeyPosS((256, 256), (16, 16), beyond_box=beyond_box))
    assert {decoder.beyond_box for decoder in decoders.values()} == {beyond_box}


def test_a_decoder_that_does_not_fit_stops_no_other():
    codec = KeyPosS((64, 64), (2, 4))
    decoders = decoders_like(codec)
    assert list(decoders) == ['one-hot', 'two-hot', 'DARK', 'KeyPosS', 'POPoS']
    assert decoders['KeyPosS'] is codec and decoders['POPoS'].num_anchors == 8
    assert misfits(codec) == {
        'GaussianMLE': 'GaussianMLE needs a heatmap_size of at least (3, 3), got (2, 4)'
    }


def test_all_decoders_fit_usual_heatmaps():
    assert misfits(KeyPosS((256, 256), (4, 4))) == {}


@pytest.mark.parametrize('kind', [KeyPosS, MSRAHeatmap, UDPHeatmap])
def test_gaussian_heatmaps_can_be_read_by_all(kind):
    assert decodes_gaussians(kind((256, 256), (64, 64), sigma=2))


def test_other_heatmaps_and_vectors_are_read_by_their_own_codec_alone():
    sizes = (256, 256), (64, 64)
    assert not decodes_gaussians(MegviiHeatmap(*sizes, kernel_size=11))
    assert not decodes_gaussians(UDPHeatmap(*sizes, heatmap_type='combined'))
    assert not decodes_gaussians(GaussianVector(*sizes))
    assert not decodes_gaussians(None)
