"""However a network is asked, it finds the same landmarks in the same faces.

By MMPose's test loop, as `mim test` runs it; by the seam, `locate` and `CropGeometry`; by the model
of `predict`, which cuts the faces out itself; by the pass over a test set that `benchmark`,
`compare_decoders` and `calibrate` make; and by the graph that is exported, whose ONNX file
tests/deploy compares with it.
"""

import copy
from functools import cache

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from one_answer import CASES, FACES, LANDMARKS, write_faces, write_network

from mmpose_multilat.analysis import Views
from mmpose_multilat.deploy import LandmarkGraph
from mmpose_multilat.inference.boxes import Box
from mmpose_multilat.inference.crops import Crop, join_regions
from mmpose_multilat.inference.estimators import build_estimator
from mmpose_multilat.inference.frames import Frame
from mmpose_multilat.inference.inputs import IMAGE, Source
from mmpose_multilat.inference.networks import Answer
from mmpose_multilat.inference.pipeline_crops import PipelineCropper, pipeline_of_config
from mmpose_multilat.inference.torch_network import TorchNetwork
from mmpose_multilat.landmarks import Located
from mmpose_multilat.models.heads import COVARIANCES
from mmpose_multilat.models.pose_estimators import crop_of, locate, look

SAME = 1e-3  # px of the image

FLIPS = [(case, mode) for case in CASES for mode in (None, *case.flip_modes)]


@pytest.fixture(scope='module')
def faces(tmp_path_factory):
    return write_faces(tmp_path_factory.mktemp('faces'))


@pytest.fixture(scope='module')
def network(faces, tmp_path_factory):
    """Config and checkpoint of a case, written when they are asked for first."""
    folder = tmp_path_factory.mktemp('networks')
    return cache(lambda case: write_network(case, faces, folder))


@pytest.fixture(scope='module')
def batch(network):
    """All faces as one batch of the test loader, the same for all cases with such crops."""
    by_crops = {case.use_udp: case for case in CASES}

    @cache
    def read(use_udp):
        config = Config.fromfile(network(by_crops[use_udp])[0])
        (faces,) = Runner.build_dataloader(config.test_dataloader)
        return faces

    return lambda case: read(case.use_udp)


@pytest.fixture(scope='module')
def load(network):
    """The estimator of a case with a flip mode, None for no flip test."""

    def build(case, flip_mode, **test_cfg):
        path, checkpoint = network(case)
        config = Config.fromfile(path)
        flips = dict(flip_test=flip_mode is not None, flip_mode=flip_mode or 'heatmap')
        config.model.test_cfg.update(**flips, **test_cfg)
        return build_estimator(config, str(checkpoint), 'cpu')

    return build


@torch.no_grad()
def by_test_loop(estimator, batch):
    found = [sample.pred_instances for sample in estimator.test_step(batch)]
    names = ['keypoints', 'keypoint_scores', *([COVARIANCES] if COVARIANCES in found[0] else ())]
    return Located(*(torch.from_numpy(np.concatenate([each[n] for each in found])) for n in names))


@torch.no_grad()
def by_seam(estimator, batch, use_udp, covariances=False):
    """What the estimator finds in input px, brought into the images face by face."""
    data = estimator.data_preprocessor(batch, False)
    samples = data['data_samples']
    partners = samples[0].flip_indices if estimator.test_cfg['flip_test'] else None
    found = locate(estimator, data['inputs'], partners, covariances)
    crops = [crop_of(sample, use_udp) for sample in samples]
    parts = [[crop.to_image(each) for crop, each in zip(crops, found.coordinates.numpy())]]
    parts.append(found.scores.numpy())
    if covariances:
        errors = found.covariances.numpy()
        parts.append([crop.covariance_to_image(each) for crop, each in zip(crops, errors)])
    return Located(*(torch.from_numpy(np.asarray(part)) for part in parts))


def by_landmark_model(estimator, batch, covariances=False):
    """From the files of the images and the boxes of the dataset."""
    cut = PipelineCropper(pipeline_of_config(estimator.cfg), estimator.dataset_meta)
    crops = []
    for sample in batch['data_samples']:
        left, top, right, bottom = sample.gt_instances.bboxes[0].tolist()
        frame = Frame(Source(IMAGE, sample.img_path), cv2.imread(sample.img_path))
        crops.append(cut(frame, Box(left, top, right - left, bottom - top)))
    model = TorchNetwork(estimator, crops[0].region.input_size, covariances)
    found = model(np.stack([crop.image for crop in crops])).to_image(join_regions(crops))
    return as_located(found)


def as_located(found):
    """What a network of `inference` answers, which is NumPy, as a value of tensors."""
    parts = found.coordinates, found.scores, found.covariances
    return Located(*(None if part is None else torch.from_numpy(part) for part in parts))


@torch.no_grad()
def by_analysis(estimator, batch, covariances=False):
    """What `benchmark` puts into the images, and the covariances that `calibrate` reads."""
    data = estimator.data_preprocessor(copy.deepcopy(batch), False)
    views, codec = Views(estimator, data['inputs'], data['data_samples']), estimator.head.decoder
    flip_test = estimator.test_cfg['flip_test']
    found = [sample.pred_instances for sample in views.predict(codec, flip_test)]
    parts = [np.concatenate([each[n] for each in found]) for n in ('keypoints', 'keypoint_scores')]
    if covariances:
        errors = views.locate(codec, flip_test, covariances=True).covariances.numpy()
        crops = map(crop_of, views.samples)
        parts.append(np.stack([crop.covariance_to_image(e) for crop, e in zip(crops, errors)]))
    return Located(*map(torch.from_numpy, parts))


@torch.no_grad()
def by_graph(estimator, batch, covariances=False):
    """What an ONNX file computes, brought into the images."""
    data = estimator.data_preprocessor(copy.deepcopy(batch), False)
    samples = data['data_samples']
    partners = samples[0].flip_indices if estimator.test_cfg['flip_test'] else None
    graph = LandmarkGraph(estimator, flip_indices=partners, covariances=covariances).eval()
    found = Answer(*(part.numpy() for part in graph(data['inputs'])[: 3 if covariances else 2]))
    crops = join_regions([Crop(None, crop_of(sample)) for sample in samples])
    return as_located(found.to_image(crops))


def assert_same(answers):
    first, *others = answers
    assert first.coordinates.shape == (FACES, LANDMARKS, 2)
    for other in others:
        np.testing.assert_allclose(other.coordinates, first.coordinates, rtol=0, atol=SAME)
        np.testing.assert_allclose(other.scores, first.scores, atol=1e-5)
        if first.covariances is not None:
            np.testing.assert_allclose(other.covariances, first.covariances, rtol=1e-3)


@pytest.mark.parametrize('case, flip_mode', FLIPS, ids=str)
def test_landmarks(load, batch, case, flip_mode):
    estimator, faces = load(case, flip_mode), batch(case)
    answers = [
        by_test_loop(estimator, faces),
        by_seam(estimator, faces, case.use_udp),
        by_landmark_model(estimator, faces),
        by_analysis(estimator, faces),
    ]
    if case.is_exported and flip_mode != 'heatmap':
        answers.append(by_graph(estimator, faces))
    assert_same(answers)
    assert answers[0].coordinates.std(0).min() > SAME  # every face has landmarks of its own


COVARIANT = [(case, mode) for case, mode in FLIPS if case.puts_out_covariances]


@pytest.mark.parametrize('case, flip_mode', COVARIANT, ids=str)
def test_covariances(load, batch, case, flip_mode):
    estimator, faces = load(case, flip_mode, output_covariances=True), batch(case)
    answers = [
        by_test_loop(estimator, faces),
        by_seam(estimator, faces, case.use_udp, covariances=True),
        by_landmark_model(estimator, faces, covariances=True),
        by_analysis(estimator, faces, covariances=True),
    ]
    if flip_mode != 'heatmap':
        answers.append(by_graph(estimator, faces, covariances=True))
    assert_same(answers)
    told = answers[0].covariances.isfinite().all(-1).all(-1)
    assert torch.equal(told, answers[0].scores > 0) and told.float().mean() > 0.5


MOVED = [case for case in CASES if case.name.startswith('moved')]


@pytest.mark.parametrize('case', MOVED, ids=str)
@torch.no_grad()
def test_what_a_head_adds_to_its_codec_is_there(load, batch, case):
    """The control: without the offsets these answers would agree as well."""
    estimator = load(case, None)
    inputs = estimator.data_preprocessor(batch(case), False)['inputs']
    view, head = look(estimator, inputs), estimator.head
    by_codec = head.decoder.locate_in_input(view.outputs).coordinates
    moved = locate(estimator, inputs).coordinates - by_codec
    torch.testing.assert_close(moved, head.offsets_of(view.feats), atol=1e-3, rtol=0)
    assert moved.norm(dim=-1).mean() > 1


@pytest.mark.parametrize('case', CASES[::2], ids=str)
def test_flipped_images_are_other_images(load, batch, case):
    """The control: the flip test changes what is found, in every mode."""
    without, *others = (
        by_test_loop(load(case, mode), batch(case)) for mode in (None, *case.flip_modes)
    )
    for other in others:
        assert (other.coordinates - without.coordinates).abs().mean() > 1
