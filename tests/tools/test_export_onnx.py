import sys
import tempfile

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData
from mmpose.apis import init_model
from mmpose.structures import PoseDataSample

from mmpose_multilat.analysis.loading import load_config
from mmpose_multilat.datasets.synthetic import generate
from mmpose_multilat.deploy import DiscrepancyError, OnnxModel
from mmpose_multilat.tools import export_onnx
from mmpose_multilat.tools.export_onnx import main

pytest.importorskip('onnx')
pytest.importorskip('onnxscript')
onnxruntime = pytest.importorskip('onnxruntime')

CONFIG = 'configs/face_2d_keypoint/keyposs/300w/keyposs_hrnetv2-w18_4xb64-100e_300w-256x256-hm8.py'
FLIP_TEST = {
    'model.type': 'MultilaterationPoseEstimator',
    'model.test_cfg.flip_test': True,
    'model.test_cfg.flip_mode': 'coordinates',
}
# An untrained network answers with noise; where a landmark lies in it can hang on rounding.
SURE_SHARE = 0.95


@pytest.fixture(scope='module')
def model():
    torch.manual_seed(0)
    return init_model(load_config(CONFIG, FLIP_TEST), device='cpu')


@pytest.fixture(scope='module')
def checkpoint(model, tmp_path_factory):
    path = tmp_path_factory.mktemp('weights') / 'untrained.pth'
    torch.save(dict(state_dict=model.state_dict()), path)
    return str(path)


def predict(model, crops):
    """Landmarks (B, K, 2) and scores (B, K) by MMPose, (B, h, w, 3) crops being the images."""
    frame = dict(
        input_size=np.array([256, 256]),
        input_center=np.array([128.0, 128.0]),
        input_scale=np.array([256.0, 256.0]),
        flip_indices=model.dataset_meta['flip_indices'],
    )
    instances = InstanceData(bboxes=np.zeros((1, 4)), bbox_scores=np.ones(1))
    samples = [PoseDataSample(metainfo=frame, gt_instances=instances) for _ in crops]
    images = [torch.from_numpy(crop).permute(2, 0, 1) for crop in crops]
    answers = model.test_step(dict(inputs=images, data_samples=samples))
    found = [answer.pred_instances for answer in answers]
    return (
        np.concatenate([instance.keypoints for instance in found]),
        np.concatenate([instance.keypoint_scores for instance in found]),
    )


def test_the_file_answers_as_mmpose_does(model, checkpoint, tmp_path, capsys):
    out = tmp_path / 'new' / 'model.onnx'
    assert main([CONFIG, checkpoint, str(out), '--raw', '--flip-test']) == 0
    printed = capsys.readouterr().out
    assert 'decoder, Gaussians: largest difference' in printed and ' px, ' in printed
    assert '68 landmarks by KeyPosS from 8 x 8 cells, flip test' in printed
    assert list(out.parent.iterdir()) == [out]
    crops = np.stack([generate(seed=1, index=index).image for index in range(3)])
    exported = OnnxModel(out)
    assert exported.description.flip_test and exported.description.config in CONFIG
    keypoints, scores = exported(crops)
    expected, expected_scores = predict(model, crops)
    same = np.abs(keypoints - expected).max(-1) < 0.01
    assert same.mean() > SURE_SHARE
    np.testing.assert_allclose(scores[same], expected_scores[same], atol=1e-5)


@pytest.mark.parametrize(
    'option, inputs, outputs',
    [
        ('--from-image', ['image', 'boxes'], ['keypoints', 'scores', 'covariances']),
        ('--without-decoder', ['crops'], ['heatmaps']),
    ],
)
def test_what_goes_in_and_out_is_chosen(checkpoint, tmp_path, capsys, option, inputs, outputs):
    out = tmp_path / 'model.onnx'
    assert main([CONFIG, checkpoint, str(out), option]) == 0
    printed = capsys.readouterr().out
    assert ('image, uint8 (H, W, 3), and boxes' in printed) == (option == '--from-image')
    assert ('maps to be decoded by KeyPosS' in printed) == (option == '--without-decoder')
    session = onnxruntime.InferenceSession(str(out))
    assert [each.name for each in session.get_inputs()] == inputs
    assert [each.name for each in session.get_outputs()] == outputs


def test_landmarks_of_images_need_a_decoder(without_exporter, checkpoint, tmp_path, capsys):
    options = ['--from-image', '--without-decoder']
    assert main([CONFIG, checkpoint, str(tmp_path / 'model.onnx'), *options]) == 2
    assert 'leave the decoder in, or the flip test and the image out' in capsys.readouterr().err


@pytest.fixture
def without_exporter(monkeypatch):
    """What needs a network and minutes must not be reached."""

    def fail(*arguments):
        raise AssertionError('the export has begun')

    monkeypatch.setattr(export_onnx, 'export_onnx', fail)


@pytest.mark.parametrize(
    'changes, message',
    [
        (dict(config='nowhere.py'), 'config nowhere.py does not exist'),
        (dict(checkpoint='nowhere.pth'), 'checkpoint nowhere.pth does not exist'),
        (dict(out='model.pth'), 'model.pth must end in .onnx'),
        (dict(options='model.head.out_channels=98'), 'was not trained with this config'),
        (dict(options='model.head.decoder.heatmap_size=(16,16)'), 'set the heatmap_size of the'),
        (dict(options='model.head.decoder.type=MSRAHeatmap'), 'decodes with MSRAHeatmap'),
    ],
)
def test_mistakes_are_explained(without_exporter, checkpoint, tmp_path, capsys, changes, message):
    words = [changes.get('config', CONFIG), changes.get('checkpoint', checkpoint)]
    words.append(str(tmp_path / changes.get('out', 'model.onnx')))
    options = ['--cfg-options', changes['options']] if 'options' in changes else []
    assert main([*words, *options]) == 2
    assert message in capsys.readouterr().err
    assert not any(tmp_path.iterdir())


def test_gaussian_vector_is_exported(checkpoint, tmp_path, capsys, monkeypatch):
    """Up to the translation, which the tests of `deploy` try."""

    def stop(graph, description):
        raise RuntimeError(f'{type(graph.codec).__name__} of {description.landmarks} landmarks')

    monkeypatch.setattr(export_onnx, 'export_onnx', stop)
    decoder = dict(type='GaussianVector', input_size='(256,256)', heatmap_size='(8,8)')
    options = [f'model.head.decoder.{key}={value}' for key, value in decoder.items()]
    options += ['model.head.decoder._delete_=True', 'model.head.type=GaussianVectorHead']
    words = [CONFIG, checkpoint, str(tmp_path / 'model.onnx'), '--cfg-options', *options]
    assert main(words) == 2
    message = 'the model cannot be exported: GaussianVector of 68 landmarks'
    assert message in capsys.readouterr().err


def test_options_without_a_value(checkpoint, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([CONFIG, checkpoint, str(tmp_path / 'model.onnx'), '--cfg-options', 'model'])
    assert stopped.value.code == 2
    assert "--cfg-options: 'model' is no KEY=VALUE" in capsys.readouterr().err


def test_a_folder_is_no_file(without_exporter, checkpoint, tmp_path, capsys):
    (tmp_path / 'model.onnx').mkdir()
    assert main([CONFIG, checkpoint, str(tmp_path / 'model.onnx')]) == 2
    assert 'is a folder' in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_to(
    without_exporter, checkpoint, tmp_path, capsys, monkeypatch
):
    def refuse(dir):
        raise PermissionError(13, 'Permission denied', str(dir))

    monkeypatch.setattr(tempfile, 'TemporaryFile', refuse)
    assert main([CONFIG, checkpoint, str(tmp_path / 'model.onnx')]) == 2
    message = f'OUT.onnx: its folder {tmp_path} cannot be written to (Permission denied)'
    assert message in capsys.readouterr().err


@pytest.mark.parametrize('name', ['onnx', 'onnxscript', 'onnxruntime'])
def test_a_missing_package_says_how_to_install_it(checkpoint, tmp_path, capsys, monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    assert main([CONFIG, checkpoint, str(tmp_path / 'model.onnx')]) == 2
    assert f'{name} cannot be imported' in (error := capsys.readouterr().err)
    assert "pip install onnx onnxscript onnxruntime 'numpy<2'" in error


def test_a_discrepancy_writes_nothing(checkpoint, tmp_path, capsys, monkeypatch):
    def differ(*arguments):
        raise DiscrepancyError('ONNX and PyTorch differ by 3 px')

    monkeypatch.setattr(export_onnx, 'export_onnx', lambda *arguments: None)
    monkeypatch.setattr(export_onnx, 'verify', differ)
    out = tmp_path / 'model.onnx'
    out.write_text('an earlier export')
    assert main([CONFIG, checkpoint, str(out)]) == 1
    assert 'differ by 3 px; nothing was written' in capsys.readouterr().err
    assert out.read_text() == 'an earlier export'


def test_a_graph_that_cannot_be_translated_is_explained(checkpoint, tmp_path, capsys, monkeypatch):
    def refuse(*arguments):
        raise torch.onnx.OnnxExporterError('no ONNX function for aten.somewhat')

    monkeypatch.setattr(export_onnx, 'export_onnx', refuse)
    assert main([CONFIG, checkpoint, str(tmp_path / 'model.onnx')]) == 2
    assert 'cannot be exported: no ONNX function for aten.somewhat' in capsys.readouterr().err
