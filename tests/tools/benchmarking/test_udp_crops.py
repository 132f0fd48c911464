from types import SimpleNamespace

import pytest
from mmengine.dataset import Compose
from mmpose.codecs import UDPHeatmap
from mmpose.datasets.transforms import TopdownAffine

from mmpose_multilat.codecs import KeyPosS
from mmpose_multilat.tools.benchmarking.udp_crops import warn_of_udp_crops

SIZES = (64, 64), (16, 16)
OURS, STOCK = KeyPosS(*SIZES, sigma=1), UDPHeatmap(*SIZES, sigma=1)


def loader(use_udp):
    pipeline = Compose([TopdownAffine((64, 64), use_udp=use_udp)])
    inner = SimpleNamespace(pipeline=pipeline)
    return SimpleNamespace(dataset=SimpleNamespace(datasets=[inner]))


def test_a_warning_is_one_line(capsys):
    warn_of_udp_crops(loader(use_udp=True), [STOCK, OURS, OURS])
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith('warning: TopdownAffine(use_udp=True)') and 'KeyPosS' in line


@pytest.mark.parametrize('use_udp, decoders', [(False, [OURS]), (True, [STOCK]), (True, [])])
def test_other_crops_and_decoders_are_not_worth_a_word(capsys, use_udp, decoders):
    warn_of_udp_crops(loader(use_udp), decoders)
    assert capsys.readouterr().err == ''
