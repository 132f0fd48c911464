from types import SimpleNamespace

import pytest
from mmengine.dataset import Compose
from mmpose.codecs import UDPHeatmap
from mmpose.datasets.transforms import TopdownAffine

from mmpose_multilat.analysis.pipeline_warnings import warn_of_pipeline
from mmpose_multilat.codecs import KeyPosS
from mmpose_multilat.errors import SettingsWarning

SIZES = (64, 64), (16, 16)
OURS, STOCK = KeyPosS(*SIZES, sigma=1), UDPHeatmap(*SIZES, sigma=1)


def loader(use_udp):
    pipeline = Compose([TopdownAffine((64, 64), use_udp=use_udp)])
    inner = SimpleNamespace(pipeline=pipeline)
    return SimpleNamespace(dataset=SimpleNamespace(datasets=[inner]))


def test_crops_are_warned_of_once():
    with pytest.warns(SettingsWarning) as caught:
        warn_of_pipeline(loader(use_udp=True), [STOCK, OURS, OURS])
    (warning,) = caught
    message = str(warning.message)
    assert message.startswith('TopdownAffine(use_udp=True)') and 'KeyPosS' in message


@pytest.mark.parametrize('use_udp, decoders', [(False, [OURS]), (True, [STOCK]), (True, [])])
def test_other_crops_and_decoders_are_not_worth_a_word(recwarn, use_udp, decoders):
    warn_of_pipeline(loader(use_udp), decoders)
    assert not recwarn.list
