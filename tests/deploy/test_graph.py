import pytest
import torch
from deploy.drawn_crops import HEATMAP_SIZE, INPUT_SIZE, draw_crops, make_graph, random_landmarks
from mmpose.models.data_preprocessors import PoseDataPreprocessor

from mmpose_multilat.codecs import Dark, GaussianMLE, KeyPosS, OneHot, POPoS, TwoHot
from mmpose_multilat.deploy import Normalisation
from mmpose_multilat.deploy.graph import average_mirrored, locate
from mmpose_multilat.multilateration import encode_gaussian

CODECS = (OneHot, TwoHot, Dark, KeyPosS, POPoS, GaussianMLE)


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
    torch.testing.assert_close(Normalisation(preprocessor)(crops), expected)


class PoseSample:
    def set_metainfo(self, info):
        pass


def test_the_mirror_image_is_averaged():
    plain = torch.tensor([[[10.0, 20.0], [60.0, 21.0], [30.0, 50.0]]])
    # Landmarks 0 and 1 change places: landmark 0 of the mirror image is landmark 1 of the face.
    mirrored = torch.tensor([[[99 - 62.0, 23.0], [99 - 12.0, 22.0], [99 - 30.0, 50.0]]])
    keypoints, scores = average_mirrored(
        (torch.cat((plain, mirrored)), torch.tensor([[0.2, 0.4, 0.6], [0.8, 1.0, 0.6]])),
        width=100,
        partners=torch.tensor([1, 0, 2]),
    )
    assert keypoints.tolist() == [[[11.0, 21.0], [61.0, 22.0], [30.0, 50.0]]]
    torch.testing.assert_close(scores, torch.tensor([[0.6, 0.6, 0.6]]))


def test_an_untrusted_landmark_is_taken_from_the_other_side():
    plain = torch.tensor([[[10.0, 1.0], [20.0, 2.0], [30.0, 3.0]]])
    mirrored = torch.tensor([[[99 - 14.0, 3.0], [99 - 24.0, 4.0], [99 - 34.0, 5.0]]])
    scores = torch.tensor([[0.0, 0.8, 0.0], [0.6, 0.0, 0.0]])
    keypoints, scores = average_mirrored(
        (torch.cat((plain, mirrored)), scores), 100, torch.arange(3)
    )
    assert keypoints.tolist() == [[[14.0, 3.0], [20.0, 2.0], [32.0, 4.0]]]
    torch.testing.assert_close(scores, torch.tensor([[0.3, 0.4, 0.0]]))


def test_covariances_are_mirrored_too():
    keypoints, scores = torch.zeros(2, 1, 2), torch.ones(2, 1)
    covariances = torch.tensor([[[[4.0, 1.0], [1.0, 2.0]]], [[[6.0, -3.0], [-3.0, 2.0]]]])
    *_, averaged = average_mirrored((keypoints, scores, covariances), 100, torch.tensor([0]))
    assert averaged.tolist() == [[[[5.0, 2.0], [2.0, 2.0]]]]


def test_an_untrusted_landmark_is_taken_with_its_covariance():
    keypoints, scores = torch.zeros(2, 3, 2), torch.tensor([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    unknown = torch.full((2, 2), torch.nan)
    known, other = torch.tensor([[4.0, 1.0], [1.0, 2.0]]), torch.tensor([[6.0, 3.0], [3.0, 2.0]])
    covariances = torch.stack((unknown, known, unknown, other, unknown, unknown)).view(2, 3, 2, 2)
    *_, averaged = average_mirrored((keypoints, scores, covariances), 100, torch.arange(3))
    assert averaged[0, :2].tolist() == [[[6.0, -3.0], [-3.0, 2.0]], known.tolist()]
    assert averaged[0, 2].isnan().all()


@pytest.mark.parametrize('kind', (KeyPosS, POPoS, GaussianMLE))
def test_covariances_are_those_of_the_codec(kind):
    codec = kind((256, 128), (8, 8))
    heatmaps = encode_gaussian(random_landmarks(2) / 32, HEATMAP_SIZE, 2.0)
    heatmaps += 0.01 * torch.randn(heatmaps.shape, generator=torch.Generator().manual_seed(0))
    heatmaps[0, 1, 1, 2] = torch.nan
    heatmaps[1, 0] = 0
    found = locate(codec, heatmaps, covariances=True)
    expected = codec.locate_in_input(heatmaps, covariances=True)
    for each, same in zip(found, expected):
        assert torch.equal(each.nan_to_num(-1), same.nan_to_num(-1))
    assert torch.equal(found[2].isnan().all(-1).all(-1), found[1] == 0)
    assert found[2][0, 1].isnan().all()


def test_covariances_are_not_calculated_without_being_asked_for():
    assert len(locate(make_graph().codec, torch.rand(2, 3, *HEATMAP_SIZE))) == 2


@pytest.mark.parametrize('kind', CODECS)
@pytest.mark.parametrize('fault', [float('nan'), float('inf'), float('-inf')])
def test_faulty_heatmaps_are_answered_as_by_the_codec(kind, fault):
    codec = kind(INPUT_SIZE, HEATMAP_SIZE)
    heatmaps = encode_gaussian(random_landmarks(2) / 32, HEATMAP_SIZE, 2.0)
    heatmaps[0, 1, 1, 2] = fault
    heatmaps[1, 0] = 0
    keypoints, scores = locate(codec, heatmaps)
    expected, expected_scores, _ = codec.locate_in_input(heatmaps)
    assert torch.equal(keypoints, expected) and torch.equal(scores, expected_scores)
    assert scores[0, 1] == scores[1, 0] == 0
