import numpy as np
import pytest
import torch

from mmpose_multilat.errors import UserError
from mmpose_multilat.inference.onnx_network import OnnxNetwork


@pytest.mark.parametrize('covariances', [False, True])
def test_onnx_answers_like_torch(exported_networks, covariances):
    folder, graph = exported_networks
    path = str(folder / ('with.onnx' if covariances else 'without.onnx'))
    model = OnnxNetwork(path, covariances)
    assert model.input_size == (64, 64) and model.description.bbox_padding == 1.5
    crops = np.random.default_rng(2).integers(0, 255, (3, 64, 64, 3), np.uint8)
    found = model(crops)
    with torch.no_grad():
        keypoints, scores, expected, _ = graph(torch.from_numpy(crops))
    np.testing.assert_allclose(found.coordinates, keypoints, atol=1e-3)
    np.testing.assert_allclose(found.scores, scores, atol=1e-5)
    if covariances:
        np.testing.assert_allclose(found.covariances, expected, rtol=1e-2)
        assert OnnxNetwork(path)(crops).covariances is None
    else:
        assert found.covariances is None


def test_onnx_without_covariances_is_explained(exported_networks):
    path = exported_networks[0] / 'without.onnx'
    with pytest.raises(
        UserError, match='`covariances`: .*without.onnx has none; export it again wi'
    ):
        OnnxNetwork(str(path), covariances=True)


@pytest.mark.parametrize(
    'name, value, option',
    [('input_type', '"image"', '--from-image'), ('decodes', 'false', '--without-decoder')],
)
def test_files_for_other_programs_are_explained(exported_networks, tmp_path, name, value, option):
    onnx = pytest.importorskip('onnx')
    model = onnx.load(exported_networks[0] / 'with.onnx')
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    onnx.helper.set_model_props(model, {**metadata, f'mmpose_multilat.{name}': value})
    onnx.save(model, tmp_path / 'other.onnx')
    with pytest.raises(UserError, match=f'was exported with {option}, for other programs'):
        OnnxNetwork(tmp_path / 'other.onnx')


def test_files_that_are_no_onnx_are_explained(tmp_path):
    pytest.importorskip('onnxruntime')
    (tmp_path / 'text.onnx').write_text('hello')
    for name, message in (('nowhere.onnx', 'does not exist'), ('text.onnx', 'cannot read')):
        with pytest.raises(UserError, match=f'`model`: .*{message}'):
            OnnxNetwork(str(tmp_path / name))


def test_onnx_computes_on_the_device(exported_networks, monkeypatch):
    import onnxruntime

    path = str(exported_networks[0] / 'with.onnx')
    assert OnnxNetwork(path, device='cpu').input_size == (64, 64)
    cpu = 'CPUExecutionProvider'
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: [cpu])
    with pytest.raises(UserError, match='`model`: device cuda:0: this onnxruntime has no CUDA'):
        OnnxNetwork(path, device='cuda:0')


def test_onnx_that_falls_back_to_the_processor_is_explained(exported_networks, monkeypatch):
    import onnxruntime

    cuda, cpu = 'CUDAExecutionProvider', 'CPUExecutionProvider'
    session = onnxruntime.InferenceSession
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: [cuda, cpu])
    monkeypatch.setattr(
        onnxruntime, 'InferenceSession', lambda path, providers: session(path, providers=[cpu])
    )
    path = str(exported_networks[0] / 'with.onnx')
    with pytest.raises(UserError, match='`device` cuda:0: ONNX Runtime cannot start CUDA'):
        OnnxNetwork(path, device='cuda:0')
    assert OnnxNetwork(path).input_size == (64, 64)
