import sys

import numpy as np
import pytest
import torch
from deploy.drawn_crops import (
    HEATMAP_SIZE,
    INPUT_SIZE,
    draw_crops,
    make_description,
    make_estimator,
    make_graph,
    random_landmarks,
)
from mmpose.models.data_preprocessors import PoseDataPreprocessor

from mmpose_multilat.codecs import KeyPosS
from mmpose_multilat.deploy import (
    LandmarkGraph,
    MissingPackageError,
    Normalisation,
    OnnxModel,
    choose_providers,
    export_onnx,
)

onnx = pytest.importorskip('onnx')
pytest.importorskip('onnxscript')
onnxruntime = pytest.importorskip('onnxruntime')

# Landmarks of crops whose values are rounded to 1/255, in px of a cell of 32 px.
ROUNDED = 0.5


def drawn(landmarks):
    """(B, h, w, 3) uint8 BGR crops, landmark 0 in the red channel."""
    values = (255 * draw_crops(landmarks)).round().to(torch.uint8)
    return values.flip(1).permute(0, 2, 3, 1).contiguous().numpy()


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    """The same model twice: for crops as they are and for normalised ones."""
    folder = tmp_path_factory.mktemp('models')
    preprocessor = PoseDataPreprocessor(mean=[0.0] * 3, std=[255.0] * 3, bgr_to_rgb=True)
    codec = KeyPosS(INPUT_SIZE, HEATMAP_SIZE)
    raw = LandmarkGraph(make_estimator(codec), Normalisation(preprocessor)).eval()
    raw_description = make_description(input_type='uint8', channel_order='BGR')
    onnx.save(export_onnx(raw, raw_description), folder / 'raw.onnx')
    onnx.save(export_onnx(make_graph(codec), make_description()), folder / 'normalised.onnx')
    return folder


@pytest.mark.parametrize('name', ['raw', 'normalised'])
@pytest.mark.parametrize('faces', [1, 3])
def test_finds_drawn_landmarks(files, name, faces):
    landmarks = random_landmarks(faces)
    keypoints, scores = OnnxModel(files / f'{name}.onnx')(drawn(landmarks))
    assert keypoints.dtype == scores.dtype == np.float32
    assert np.abs(keypoints - landmarks.numpy()).max() < ROUNDED
    assert scores.shape == (faces, 3) and (scores > 0.9).all()


def test_both_forms_answer_alike(files):
    crops = drawn(random_landmarks(4))
    raw, normalised = (OnnxModel(files / f'{name}.onnx')(crops) for name in ('raw', 'normalised'))
    np.testing.assert_allclose(raw[0], normalised[0], atol=1e-3)
    np.testing.assert_allclose(raw[1], normalised[1], atol=1e-6)


def test_the_file_describes_itself(files):
    model = OnnxModel(files / 'normalised.onnx', providers=['CPUExecutionProvider'])
    assert model.description == make_description()
    assert model.outputs == ('keypoints', 'scores')


CUDA, CPU = 'CUDAExecutionProvider', 'CPUExecutionProvider'


@pytest.mark.parametrize(
    'device, expected',
    [
        ('', [CUDA, CPU]),
        ('cpu', [CPU]),
        ('cuda', [(CUDA, {'device_id': 0}), CPU]),
        ('cuda:2', [(CUDA, {'device_id': 2}), CPU]),
    ],
)
def test_where_to_compute(monkeypatch, device, expected):
    available = ['TensorrtExecutionProvider', CUDA, CPU]
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: available)
    assert choose_providers(device) == expected


@pytest.mark.parametrize(
    'device, message',
    [
        ('cuda:0', 'device cuda:0: this onnxruntime has no CUDA; .* install onnxruntime-gpu'),
        ('cuda:', "device cuda: is unknown to onnxruntime; use 'cpu' or 'cuda:0'"),
        ('mps', 'device mps is unknown'),
    ],
)
def test_devices_that_onnxruntime_lacks(monkeypatch, device, message):
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: ['AzureExecut...', CPU])
    assert choose_providers() == choose_providers('cpu') == [CPU]
    with pytest.raises(ValueError, match=message):
        choose_providers(device)


@pytest.mark.parametrize('chosen', [None, [CPU]])
def test_the_session_gets_the_providers(files, monkeypatch, chosen):
    asked = []

    def open_session(path, providers):
        asked.append(providers)
        return session(path, providers=[CPU])

    session = onnxruntime.InferenceSession
    monkeypatch.setattr(onnxruntime, 'InferenceSession', open_session)
    available = ['TensorrtExecutionProvider', CUDA, CPU]
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: available)
    monkeypatch.setattr(onnxruntime, 'preload_dlls', lambda: asked.append('libraries'), False)
    assert OnnxModel(files / 'raw.onnx', chosen).providers == (CPU,)
    assert asked == ([[CPU]] if chosen else ['libraries', [CUDA, CPU]])


def test_no_crops_give_no_landmarks(files):
    keypoints, scores = OnnxModel(files / 'raw.onnx')(np.zeros((0, 256, 256, 3), dtype=np.uint8))
    assert keypoints.shape == (0, 3, 2) and scores.shape == (0, 3)


@pytest.mark.parametrize(
    'crops, message',
    [
        (np.zeros((1, 256, 256, 3), dtype=np.float32), 'must be uint8'),
        (np.zeros((256, 256, 3), dtype=np.uint8), 'must be uint8'),
        (np.zeros((1, 128, 256, 3), dtype=np.uint8), 'takes crops of 256 x 256 px'),
        (np.zeros((1, 256, 256, 1), dtype=np.uint8), 'takes crops of 256 x 256 px'),
    ],
)
def test_other_crops_are_refused(files, crops, message):
    with pytest.raises(ValueError, match=message):
        OnnxModel(files / 'raw.onnx')(crops)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='nowhere.onnx does not exist'):
        OnnxModel(tmp_path / 'nowhere.onnx')


def test_a_damaged_file_is_refused(files, tmp_path):
    path = tmp_path / 'damaged.onnx'
    path.write_bytes((files / 'raw.onnx').read_bytes()[:1000])
    with pytest.raises(ValueError, match='cannot read the model .*damaged.onnx'):
        OnnxModel(path)


def test_a_model_of_another_program_is_refused(files, tmp_path):
    model = onnx.load(files / 'raw.onnx')
    del model.metadata_props[:]
    onnx.save(model, tmp_path / 'foreign.onnx')
    with pytest.raises(ValueError, match='foreign.onnx was not written by export_onnx'):
        OnnxModel(tmp_path / 'foreign.onnx')


def test_a_missing_package_says_how_to_install_it(files, monkeypatch):
    monkeypatch.setitem(sys.modules, 'onnxruntime', None)
    with pytest.raises(MissingPackageError, match="onnxruntime .* pip install .* 'numpy<2'"):
        OnnxModel(files / 'raw.onnx')
