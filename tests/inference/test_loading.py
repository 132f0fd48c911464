import sys
from types import SimpleNamespace

import numpy as np
import pytest

from mmpose_multilat.errors import UserError
from mmpose_multilat.inference import loading
from mmpose_multilat.inference.boxes import Box
from mmpose_multilat.inference.frames import Frame
from mmpose_multilat.inference.inputs import IMAGE, Source
from mmpose_multilat.inference.loading import load_network
from mmpose_multilat.inference.readings import Reading


def test_an_exported_network_is_cut_for_as_its_file_says(monkeypatch):
    asked = []

    class Network:
        description = SimpleNamespace(
            input_size=(64, 32),
            bbox_padding=1.5,
            use_udp=True,
            color_type='grayscale_ignore_orientation',
            channels=1,
        )

        def __init__(self, *settings):
            asked.append(settings)

    monkeypatch.setattr(loading, 'OnnxNetwork', Network)
    _, cut = load_network('f.onnx', device='a', covariances=True)
    assert asked == [('f.onnx', True, 'a')]
    assert cut.reading == Reading('grayscale', 1)
    frame = Frame(Source(IMAGE, 'a.jpg'), np.zeros((30, 40, 3), np.uint8))
    region = cut(frame, Box(1, 2, 8, 4)).region
    assert region.use_udp and region.input_size == (64, 32)
    np.testing.assert_array_equal(region.size, (12, 6))


@pytest.mark.parametrize(
    'arguments, settings, message',
    [
        (['small.py'], {}, 'small.py is a config, which needs a `checkpoint`'),
        (['f.onnx'], dict(cfg_options=dict(a=1)), '`cfg_options` change a config, and f.onnx is'),
        (['f.onnx'], dict(edges=True), '`edges` needs a config and a checkpoint'),
        (['no.onnx'], {}, '`model`: model no.onnx does not exist'),
        (['no.py', 'no.pth'], {}, 'config no.py does not exist'),
        (['no.py', 'no.pth'], dict(device='nonsense'), '`device` nonsense: '),
    ],
)
def test_what_does_not_fit_is_explained(arguments, settings, message):
    pytest.importorskip('onnxruntime')
    with pytest.raises(UserError, match=message):
        load_network(*arguments, **settings)


def test_a_config_without_mmpose_is_explained(monkeypatch):
    monkeypatch.setitem(sys.modules, 'mmpose_multilat.inference.torch_loading', None)
    with pytest.raises(UserError, match='needs PyTorch and MMPose.*tools.doctor` says .*NotFoundE'):
        load_network('c.py', 'c.pth')


@pytest.mark.parametrize(
    'test_dataloader, message',
    [
        (None, 'the config has no test_dataloader.dataset.pipeline'),
        (
            dict(dataset=dict(pipeline=[dict(prob=1)])),
            'of the config has no TopdownAffine',
        ),
        (dict(dataset=dict(pipeline=[3])), 'of the config has no TopdownAffine'),
        (
            dict(dataset=dict(pipeline=[dict(type='TopdownAffine')])),
            "usable test pipeline: ValueError: TopdownAffine .* be built: .*'input_size'",
        ),
    ],
)
def test_pipelines_that_cannot_be_used_are_explained(tmp_path, test_dataloader, message):
    (tmp_path / 'small.py').write_text(f'test_dataloader = {test_dataloader}')
    with pytest.raises(UserError, match=message):
        load_network(tmp_path / 'small.py', 'c.pth', device='cpu')
