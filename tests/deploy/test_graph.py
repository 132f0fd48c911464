from typing import NamedTuple

import pytest
import torch
from deploy.drawn_crops import (
    HEATMAP_SIZE,
    INPUT_SIZE,
    PITCH,
    CellSampler,
    draw_crops,
    make_estimator,
    make_graph,
    make_head,
    random_landmarks,
)
from mmpose.models.data_preprocessors import PoseDataPreprocessor
from mmpose.models.heads import HeatmapHead
from torch import Tensor

from mmpose_multilat.codecs import GaussianMLE, GaussianVector, KeyPosS, OneHot
from mmpose_multilat.deploy import LandmarkGraph, Normalisation
from mmpose_multilat.models.pose_estimators import locate

PARTNERS = [1, 0, 2]


def test_a_drawn_landmark_is_found_in_px_of_the_crop():
    landmarks = random_landmarks(4)
    keypoints, scores, heatmaps = make_graph()(draw_crops(landmarks))
    torch.testing.assert_close(keypoints, landmarks, atol=0.01, rtol=0)
    assert scores.shape == (4, 3) and (scores > 0.9).all()
    assert heatmaps.shape == (4, 3, 8, 8)


@pytest.mark.parametrize('bgr_to_rgb', [True, False])
@pytest.mark.parametrize('statistics', [([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]), ([7.0], [8.0]), None])
def test_normalisation_is_that_of_mmpose(bgr_to_rgb, statistics):
    mean, std = statistics or (None, None)
    preprocessor = PoseDataPreprocessor(mean=mean, std=std, bgr_to_rgb=bgr_to_rgb)
    crops = torch.randint(0, 256, (2, 5, 6, 3), dtype=torch.uint8)
    channels_first = list(crops.permute(0, 3, 1, 2))
    samples = [PoseSample() for _ in channels_first]
    expected = preprocessor(dict(inputs=channels_first, data_samples=samples))['inputs']
    normalise = Normalisation(preprocessor)
    torch.testing.assert_close(normalise(crops), expected.float())
    assert normalise.double()(crops).dtype == torch.float64


class PoseSample:
    def set_metainfo(self, info):
        pass


@pytest.mark.parametrize('partners', [None, PARTNERS])
@pytest.mark.parametrize(
    'codec, covariances',
    [
        (KeyPosS(INPUT_SIZE, HEATMAP_SIZE), False),
        (GaussianMLE(INPUT_SIZE, HEATMAP_SIZE), True),
        (GaussianVector(INPUT_SIZE, HEATMAP_SIZE, rounded=False, refine='exact'), False),
    ],
)
def test_answers_are_those_of_the_pose_estimator(codec, covariances, partners):
    """Of faces with noise, one with NaN in it and one that has lost a landmark."""
    estimator = make_estimator(codec)
    graph = LandmarkGraph(estimator, flip_indices=partners, covariances=covariances)
    crops = draw_crops(random_landmarks(4))
    crops += 0.01 * torch.randn(crops.shape, generator=torch.Generator().manual_seed(0))
    crops[0, 1, PITCH, 2 * PITCH] = torch.nan
    crops[1, 0] = 0
    found = graph(crops)[: 3 if covariances else 2]
    for each, same in zip(found, locate(estimator, crops, partners, covariances)):
        torch.testing.assert_close(each, same, rtol=1e-5, atol=1e-3, equal_nan=True)


def test_covariances_are_not_calculated_without_being_asked_for():
    graph = make_graph()
    assert len(graph.locate(graph.look(draw_crops(random_landmarks(2))))) == 2


def test_flipped_crops_pass_the_network_with_the_others():
    """Once, since exported networks should not be there twice."""
    batches = []

    class Counting(CellSampler):
        def extract_feat(self, crops):
            batches.append(len(crops))
            return super().extract_feat(crops)

    graph = LandmarkGraph(make_estimator(kind=Counting), flip_indices=PARTNERS)
    crops = draw_crops(random_landmarks(3))
    heatmaps = graph(crops)[-1]
    assert batches == [6]
    assert torch.equal(heatmaps, torch.cat((crops, crops.flip(-1)))[..., ::PITCH, ::PITCH])


class Outputs(NamedTuple):
    heatmaps: Tensor
    edges: Tensor


def decode_half(head, outputs, feats, covariances):
    """Scores by the second output of a head, to see that it is still there."""
    if isinstance(outputs, list):
        outputs = outputs[-1]
    heatmaps, edges = outputs
    found = head.decoder.locate_in_input(heatmaps)
    named = isinstance(outputs, Outputs)
    return found._replace(scores=edges.mean((-2, -1)) + named)


@pytest.mark.parametrize('form, named', [(tuple, 0), (Outputs._make, 1), (lambda x: [0, x], 0)])
def test_what_a_head_puts_out_besides_stays(form, named):
    """Where other heatmaps take the place of its own."""

    class EdgeHead(HeatmapHead):
        def forward(self, feats):
            return form((feats[-1], 0 * feats[-1] + 5))

        def locate_outputs(self, outputs, feats, covariances=False):
            return decode_half(self, outputs, feats, covariances)

    codec = OneHot(INPUT_SIZE, HEATMAP_SIZE)
    graph = LandmarkGraph(CellSampler(make_head(codec, EdgeHead)))
    view = graph.look(draw_crops(random_landmarks(2)))
    assert [each.shape for each in graph.encoded(view)] == [(2, 3, 8, 8)]
    other = graph.encoded(graph.look(draw_crops(random_landmarks(2, seed=1))))
    keypoints, scores = graph.locate(view, other)
    assert torch.equal(keypoints, codec.locate_in_input(*other).coordinates)
    assert (scores == 5 + named).all()
