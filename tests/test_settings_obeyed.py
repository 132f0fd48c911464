"""What `mim test` obeys, every tool obeys, or refuses by its name.

The settings of `test_cfg`, of pipelines, of the data preprocessor, of head and codec and of the
config as a whole stand in `SETTINGS`, the tools that read networks in `TOOLS`.
"""

import copy
from collections.abc import Callable
from contextlib import nullcontext
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from mmcv.transforms import BaseTransform
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner, autocast
from mmpose.models import PoseDataPreprocessor
from mmpose.registry import MODELS, TRANSFORMS
from one_answer import CASES, FACES, LANDMARKS, write_faces, write_network

from mmpose_multilat.analysis import (
    compare_decoders,
    has_flip_test,
    look_through,
    measure,
    measure_complexity,
    measure_residuals,
    measurement,
)
from mmpose_multilat.analysis.loading import build_loader, build_model, load_config
from mmpose_multilat.deploy.model_input import to_model_input
from mmpose_multilat.evaluation import FaceAlignmentMetric
from mmpose_multilat.inference import FaceLandmarker
from mmpose_multilat.inference.boxes import Box
from mmpose_multilat.inference.crops import join_regions
from mmpose_multilat.inference.frames import Frame
from mmpose_multilat.inference.inputs import IMAGE, Source
from mmpose_multilat.inference.loading import cropper_of
from mmpose_multilat.inference.networks import Answer
from mmpose_multilat.models.heads import codec_of
from mmpose_multilat.tools.command_line import UserError
from mmpose_multilat.tools.export_onnx import build_parser, prepare

SAME = 2e-3  # px of the image

UDP_CROPS = 1.0
"""px: with such crops MMPose's test loop is off by up to that much with decoders of this package,
of which the tools warn; predict and the exported model take them as they are."""

NEEDED = 'model', 'test_dataloader', 'test_cfg', 'custom_imports', 'default_scope'
CASE = next(case for case in CASES if case.name == 'multilateration-msra')


@TRANSFORMS.register_module()
class Negative(BaseTransform):
    """A transform of a user: the image's negative."""

    def transform(self, results):
        results['img'] = 255 - results['img']
        return results


@MODELS.register_module()
class HalvingPreprocessor(PoseDataPreprocessor):
    """A data preprocessor of a user: half of what MMPose's puts out."""

    def forward(self, data, training=False):
        data = super().forward(data, training)
        return {**data, 'inputs': data['inputs'] / 2}


def step_of(config: Config, kind: str, loader: str = 'test_dataloader') -> dict[str, Any]:
    """A transform of a pipeline."""
    (step,) = (each for each in config[loader].dataset.pipeline if each['type'] == kind)
    return step


def insert(config: Config, place: int, **step: Any) -> None:
    config.test_dataloader.dataset.pipeline.insert(place, step)


Change = Callable[[Config], Any]

CHOSEN = [36, 45, 30, 48, 54]


def choose_landmarks(config: Config) -> None:
    """A test set of some of the landmarks that the network finds."""
    config.model.test_cfg.output_keypoint_indices = CHOSEN
    mapping = [(source, target) for target, source in enumerate(CHOSEN)]
    converter = dict(type='KeypointConverter', num_keypoints=len(CHOSEN), mapping=mapping)
    whole = config.test_dataloader.dataset
    config.test_dataloader.dataset = dict(
        type='CombinedDataset',
        metainfo=metainfo_without_pairs(len(CHOSEN)),
        datasets=[dict(whole, pipeline=[converter])],
        pipeline=whole.pipeline,
        test_mode=True,
    )


def of_test_cfg(**settings: Any) -> Change:
    return lambda config: config.model.test_cfg.update(settings)


def preprocessor(**settings: Any) -> Change:
    return lambda config: config.model.data_preprocessor.update(settings)


def transform(kind: str, **settings: Any) -> Change:
    return lambda config: step_of(config, kind).update(settings)


def top(**settings: Any) -> Change:
    return lambda config: config.update(settings)


def with_visibility(config: Config) -> None:
    head = config.model.head
    loss = dict(type='BCELoss', use_target_weight=False, use_sigmoid=True)
    config.model.head = dict(type='VisPredictHead', loss=loss, pose_cfg=head)


def metainfo_without_pairs(count: int) -> dict[str, Any]:
    """Metainfo of landmarks that all keep their place in the flipped image."""
    names = [f'k{i}' for i in range(count)]
    info = {i: dict(name=n, id=i, color=[0] * 3, type='', swap='') for i, n in enumerate(names)}
    facts = dict(dataset_name='unpaired', paper_info={}, keypoint_info=info, skeleton_info={})
    return dict(facts, joint_weights=[1.0] * count, sigmas=[])


FLIPS = dict(flip_test=True, flip_mode='coordinates')

SETTINGS: dict[str, Change] = {
    'nothing': lambda config: None,
    # test_cfg
    'flip_test': of_test_cfg(flip_test=True),
    'flip_mode': of_test_cfg(**FLIPS),
    'shift_heatmap': of_test_cfg(flip_test=True, shift_heatmap=False),
    'output_heatmaps': of_test_cfg(output_heatmaps=True, **FLIPS),
    'output_keypoint_indices': choose_landmarks,
    'output_covariances': of_test_cfg(output_covariances=True),
    # pipeline
    'padding': transform('GetBBoxCenterScale', padding=1.7),
    'input_size': transform('TopdownAffine', input_size=(96, 144)),
    'use_udp': transform('TopdownAffine', use_udp=True),
    'to_float32': transform('LoadImage', to_float32=True),
    'color_type': transform('LoadImage', color_type='unchanged'),
    'ignore_empty': transform('LoadImage', ignore_empty=True),
    'imdecode_backend': transform('LoadImage', imdecode_backend='pillow'),
    'Negative': lambda config: insert(config, 1, type='Negative'),
    'RandomGrayscale': lambda config: insert(
        config, 1, type='RandomGrayscale', prob=1.0, keep_channels=True
    ),
    'val_dataloader': lambda config: step_of(config, 'GetBBoxCenterScale', 'val_dataloader').update(
        padding=3.0
    ),
    # data preprocessor
    'mean': preprocessor(mean=[10.0, 120.0, 200.0]),
    'one mean': preprocessor(mean=[120.0], std=[60.0]),
    'no mean': preprocessor(mean=None, std=None),
    'std': preprocessor(std=[30.0, 60.0, 90.0]),
    'bgr_to_rgb': preprocessor(bgr_to_rgb=False),
    'rgb_to_bgr': preprocessor(bgr_to_rgb=False, rgb_to_bgr=True),
    'pad_size_divisor': preprocessor(pad_size_divisor=96, pad_value=7),
    'pad_size_divisor and flip_test': lambda config: [
        preprocessor(pad_size_divisor=96)(config),
        of_test_cfg(**FLIPS)(config),
    ],
    'batch_augments': preprocessor(batch_augments=[dict(type='Identity')]),
    'non_blocking': preprocessor(non_blocking=True),
    'data_preprocessor': preprocessor(type='HalvingPreprocessor'),
    # head and codec
    'decoder': lambda config: config.model.head.decoder.update(num_anchors=6, beyond_box=True),
    'VisPredictHead': with_visibility,  # around the head that finds the landmarks
    # the config
    'metainfo': lambda config: [
        of_test_cfg(**FLIPS)(config),
        config.model.update(metainfo=metainfo_without_pairs(LANDMARKS)),
    ],
    'fp16': top(test_cfg=dict(fp16=True)),
}
MODELS.register_module(name='Identity', module=torch.nn.Identity, force=True)


@pytest.fixture(scope='module')
def network(tmp_path_factory):
    """Paths of config and checkpoint with a setting, and what `mim test` finds."""
    folder = tmp_path_factory.mktemp('networks')
    path, _ = write_network(CASE, write_faces(folder), folder)
    plain = Config.fromfile(path)
    for name in [name for name in plain if name not in NEEDED]:
        plain.pop(name)
    plain.val_dataloader = plain.test_dataloader
    plain.train_dataloader = dict(dataset=dict(type='Face300WDataset'))  # which says the flip pairs

    @cache
    def build(name):
        config = Config(copy.deepcopy(plain.to_dict()))
        SETTINGS[name](config)
        path = folder / f'{name}.json'  # which is read and written fast
        config.dump(path)
        init_default_scope('mmpose')
        torch.manual_seed(0)
        model = MODELS.build(config.model).eval()
        model.init_weights()
        torch.save(dict(state_dict=model.state_dict()), folder / f'{name}.pth')
        return str(path), str(folder / f'{name}.pth'), by_test(config, model)

    return build


@torch.no_grad()
def by_test(config, model):
    """The samples of all faces as the test loop leaves them."""
    (batch,) = Runner.build_dataloader(config.test_dataloader)
    with autocast() if config.test_cfg.get('fp16') else nullcontext():
        return model.test_step(batch)


def landmarks(samples):
    return np.concatenate([sample.pred_instances.keypoints for sample in samples])


def by_predict(path, checkpoint, samples):
    landmarker = FaceLandmarker(path, checkpoint, device='cpu', batch_size=FACES)
    images, boxes = (cv2.imread(s.img_path) for s in samples), ([box_of(s)] for s in samples)
    return np.stack([face.landmarks for (face,) in landmarker.predict(images, boxes)])


def box_of(sample):
    left, top, right, bottom = sample.gt_instances.bboxes[0].tolist()
    return Box(left, top, right - left, bottom - top)


def prepared(path, checkpoint):
    config = load_config(path, {})
    return build_model(config, checkpoint, 'cpu'), build_loader(config)


def by_compare(path, checkpoint, samples):
    model, loader = prepared(path, checkpoint)
    evaluator = dict(type='FaceAlignmentMetric', normalisers=['box_tight'])
    codec = codec_of(model.head)
    _, faces = compare_decoders(model, loader, evaluator, {'own': codec}, FACES, timed=False)
    return np.stack([face.predicted['own'] for face in faces])


def by_benchmark(path, checkpoint, samples):
    model, loader = prepared(path, checkpoint)
    metric = FaceAlignmentMetric(normalisers=['box_tight'])
    metric.dataset_meta = loader.dataset.metainfo
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measurement, 'measure_time', lambda work, faces: work())
        measured = measure(model, loader, {'own': codec_of(model.head)}, metric)
    return measured.predictions['own', has_flip_test(model)].predicted


def by_calibrate(path, checkpoint, samples):
    model, loader = prepared(path, checkpoint)
    errors = measure_residuals(model, loader, {'own': codec_of(model.head)}, 'person').errors['own']
    scales = [np.array(s.metainfo['input_scale']) / s.metainfo['input_size'] for s in samples]
    true = np.concatenate([sample.gt_instances.keypoints for sample in samples])
    return true + errors * np.stack(scales)[:, None]


def prepared_export(path, checkpoint, *options):
    return prepare(build_parser().parse_args([str(path), str(checkpoint), 'out.onnx', *options]))


def by_export(path, checkpoint, samples, raw=False):
    flips = load_config(path, {}).model.test_cfg.get('flip_test', False)
    options = ['--raw'] * raw + ['--flip-test'] * flips
    graph, description = prepared_export(path, checkpoint, *options)
    cut = cropper_of(description)
    crops = [cut(Frame(Source(IMAGE, ''), cv2.imread(s.img_path)), box_of(s)) for s in samples]
    images = np.stack([crop.image for crop in crops])
    with torch.no_grad():
        found = graph(torch.from_numpy(to_model_input(images, description)))[:2]
    answer = Answer(*(part.numpy() for part in found))
    return answer.to_image(join_regions(crops)).coordinates


def by_export_raw(path, checkpoint, samples):
    return by_export(path, checkpoint, samples, raw=True)


TOOLS = dict(
    predict=by_predict,
    compare_decoders=by_compare,
    benchmark=by_benchmark,
    calibrate=by_calibrate,
    export_onnx=by_export,
    export_onnx_raw=by_export_raw,
)


IN_GRAPH = 'mean', 'one mean', 'no mean', 'bgr_to_rgb', 'rgb_to_bgr', 'pad_size_divisor'
"""What a graph that takes raw crops does itself; in all else it is that of the others."""

PAIRS = [
    (name, tool)
    for name in SETTINGS
    for tool in TOOLS
    if tool != 'export_onnx_raw' or name in (*IN_GRAPH, 'data_preprocessor')
]


@pytest.mark.parametrize('name, tool', PAIRS)
def test_obeyed_or_refused_by_name(network, name, tool):
    path, checkpoint, samples = network(name)
    same = UDP_CROPS if name == 'use_udp' else SAME
    try:
        found = TOOLS[tool](path, checkpoint, samples)
    except (UserError, ValueError) as error:
        assert name.split()[0] in str(error), error
    else:
        np.testing.assert_allclose(found, landmarks(samples), atol=same)


def test_a_flip_test_that_is_left_out_is_named(network, capsys):
    path, checkpoint, _ = network('flip_mode')
    for flip_test in (False, True):
        prepared_export(path, checkpoint, *['--flip-test'] * flip_test)
        named = 'model.test_cfg.flip_test=True is not in the file' in capsys.readouterr().err
        assert named is not flip_test


def test_steps_for_training_that_an_export_leaves_out_are_named(network, tmp_path, capsys):
    path, checkpoint, _ = network('nothing')
    config = Config.fromfile(path)
    insert(config, 1, type='PhotometricDistortion')
    path = str(tmp_path / 'random.json')
    config.dump(path)
    prepared_export(path, checkpoint)
    assert 'left out of the test pipeline: PhotometricDistortion' in capsys.readouterr().err


@pytest.mark.parametrize('name', ['output_keypoint_indices', 'decoder', 'mean'])
def test_the_settings_change_what_is_found(network, name):
    """The control: a tool that ignored them would be found out."""
    plain, changed = (landmarks(network(each)[2]) for each in ('nothing', name))
    assert plain.shape != changed.shape or np.abs(plain - changed).max() > SAME


@pytest.mark.parametrize('name', ['input_size', 'pad_size_divisor', 'VisPredictHead'])
def test_complexity_is_that_of_the_input_of_the_test(network, name):
    path, checkpoint, samples = network(name)
    model, loader = prepared(path, checkpoint)
    views = next(look_through(model, loader))
    height, width = views.inputs.shape[-2:]
    assert samples[0].batch_input_shape == (height, width)
    assert measure_complexity(model, (width, height)).gflops > 0
