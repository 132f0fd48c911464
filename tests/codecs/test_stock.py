"""The geometry of codecs that do not name it."""

import pytest
from mmpose.codecs import MSRAHeatmap, SimCCLabel, UDPHeatmap

from mmpose_multilat.codecs import GaussianVector, OneHot, expects_udp_crops, geometry_of
from mmpose_multilat.landmarks import HeatmapGeometry

SIZES = dict(input_size=(256, 192), heatmap_size=(64, 48))


class Own(UDPHeatmap):
    """A class that somebody derived."""


@pytest.mark.parametrize(
    'codec, alignment',
    [
        (MSRAHeatmap(**SIZES, sigma=2), 'msra'),
        (UDPHeatmap(**SIZES, sigma=2), 'udp'),
        (Own(**SIZES, sigma=2), 'udp'),
        (OneHot(**SIZES), 'msra'),
        (OneHot(**SIZES, alignment='udp'), 'udp'),
        (GaussianVector(**SIZES, alignment='udp'), 'udp'),
    ],
)
def test_geometry(codec, alignment):
    assert geometry_of(codec) == HeatmapGeometry((256, 192), (64, 48), alignment)


def test_no_heatmaps_have_no_geometry():
    assert geometry_of(None) is geometry_of(SimCCLabel((256, 192))) is None


def test_only_mmposes_udp_codec_expects_its_crops():
    assert expects_udp_crops(Own(**SIZES, sigma=2))
    assert not expects_udp_crops(OneHot(**SIZES, alignment='udp'))
    assert not expects_udp_crops(None)
