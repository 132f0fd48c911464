import pytest
from mmpose.codecs import MegviiHeatmap, MSRAHeatmap, UDPHeatmap

from mmpose_multilat.codecs import KeyPosS
from mmpose_multilat.tools.command_line import UserError
from mmpose_multilat.tools.compare_decoders import check_comparable, main

CONFIG = 'configs/face_2d_keypoint/popos/300w/popos_hrnetv2-w18_4xb32-100e_300w-256x256-hm8.py'
SIZES = dict(input_size=(256, 256), heatmap_size=(64, 64))
NME = dict(type='NME', norm_mode='keypoint_distance')


@pytest.mark.parametrize(
    'words, message',
    [
        (['nowhere.py', 'nowhere.pth'], 'config nowhere.py does not exist'),
        ([CONFIG, 'nowhere.pth'], 'checkpoint nowhere.pth does not exist'),
        ([CONFIG, CONFIG, '--faces', '-1'], '--faces -1 must not be negative'),
    ],
)
def test_mistakes_are_explained(capsys, words, message):
    assert main(words) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    'codec', [KeyPosS(**SIZES), MSRAHeatmap(**SIZES, sigma=2), UDPHeatmap(**SIZES, sigma=2)]
)
def test_gaussian_heatmaps_can_be_compared(codec):
    check_comparable(codec, NME)
    check_comparable(codec, [dict(type='PCKAccuracy'), NME])
    check_comparable(codec, dict(type='FaceAlignmentMetric'))


@pytest.mark.parametrize(
    'codec',
    [
        None,
        MegviiHeatmap(**SIZES, kernel_size=11),
        UDPHeatmap(**SIZES, heatmap_type='combined'),
    ],
)
def test_other_heads_are_refused(codec):
    with pytest.raises(UserError, match='only Gaussian heatmaps can be compared'):
        check_comparable(codec, NME)


def test_other_metrics_are_refused():
    with pytest.raises(UserError, match='no metric of type NME or FaceAlignmentMetric'):
        check_comparable(KeyPosS(**SIZES), dict(type='CocoMetric'))
