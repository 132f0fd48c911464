import pytest
import torch
from mmpose.apis import init_model

from mmpose_multilat.analysis.loading import load_config
from mmpose_multilat.deploy import build_graph

CONFIG = 'configs/face_2d_keypoint/keyposs/300w/keyposs_hrnetv2-w18_4xb64-100e_300w-256x256-hm4.py'


def make_model(**options):
    return init_model(load_config(CONFIG, options), device='cpu')


@pytest.fixture(scope='module')
def model():
    return make_model()


def test_the_graph_does_what_the_model_and_its_codec_do(model):
    graph, description = build_graph(model, config='hm4.py')
    crops = torch.randn(2, 3, 256, 256)
    with torch.no_grad():
        keypoints, scores, _, heatmaps = graph(crops)
        expected = model(crops, None)
    assert torch.equal(heatmaps, expected)
    for found, located in zip((keypoints, scores), model.head.decoder.locate_in_input(expected)):
        assert torch.equal(found, located)
    assert (description.landmarks, description.is_raw, description.flip_test) == (68, False, False)
    assert description.config == 'hm4.py'


def test_raw_crops_are_normalised_as_by_the_model(model):
    graph, description = build_graph(model, raw=True)
    crops = torch.randint(0, 256, (2, 256, 256, 3), dtype=torch.uint8)
    mean = torch.tensor([123.675, 116.28, 103.53])
    std = torch.tensor([58.395, 57.12, 57.375])
    normalised = ((crops.flip(-1) - mean) / std).permute(0, 3, 1, 2)
    with torch.no_grad():
        torch.testing.assert_close(graph(crops)[-1], model(normalised, None))
    assert description.is_raw


def test_the_flip_test_sees_both_sides(model):
    graph, description = build_graph(model, flip_test=True)
    crops = torch.randn(2, 3, 256, 256)
    with torch.no_grad():
        heatmaps = graph(crops)[-1]
        torch.testing.assert_close(heatmaps, model(torch.cat((crops, crops.flip(-1))), None))
    assert graph.partners.tolist() == list(model.dataset_meta['flip_indices'])
    assert description.flip_test


def test_a_flip_test_needs_pairs(model, monkeypatch):
    monkeypatch.setattr(model, 'dataset_meta', dict(flip_indices=range(17)))
    with pytest.raises(ValueError, match='or else of the config, has 17, the model 68'):
        build_graph(model, flip_test=True)
    assert build_graph(model)[1].flip_pairs is None


def test_pairs_must_name_each_landmark_once(model, monkeypatch):
    twice = [0, *range(67)]
    monkeypatch.setattr(model, 'dataset_meta', dict(flip_indices=twice))
    with pytest.raises(ValueError, match='flip_indices must name each of the 68 landmarks'):
        build_graph(model, flip_test=True)


def test_gaussian_vector_finds_what_its_head_finds():
    """The head looks at feature maps as MMPose calls it, the graph at crops."""
    codec = dict(type='GaussianVector', input_size=(256, 256), heatmap_size=(4, 4), _delete_=True)
    model = make_model(
        **{'model.head.type': 'GaussianVectorHead', 'model.head.decoder': codec},
    )
    graph, description = build_graph(model)
    crops = torch.randn(2, 3, 256, 256)
    with torch.no_grad():
        keypoints, scores, *vectors = graph(crops)
        feats = model.extract_feat(crops)
        expected = model.head.predict(feats, [], {})
        for found, same in zip(vectors, model.head(feats)):
            assert torch.equal(found, same)
    for face, landmarks in enumerate(expected):
        assert torch.equal(keypoints[face], torch.from_numpy(landmarks.keypoints[0]))
        assert torch.equal(scores[face], torch.from_numpy(landmarks.keypoint_scores[0]))
    assert description.codec['type'] == 'GaussianVector'
    assert description.landmarks == 68


def test_codecs_of_mmpose_are_refused():
    codec = dict(type='MSRAHeatmap', input_size=(256, 256), heatmap_size=(4, 4), sigma=2)
    options = {'model.head.decoder': dict(codec, _delete_=True)}
    with pytest.raises(ValueError, match="decodes with MSRAHeatmap.* type='KeyPosS'"):
        build_graph(make_model(**options))


def test_a_codec_of_another_size_is_refused():
    model = make_model(**{'model.head.decoder.heatmap_size': (8, 8)})
    with pytest.raises(ValueError, match='model.head.decoder: KeyPosS .* set the heatmap_size'):
        build_graph(model)


@pytest.mark.parametrize('setting, present', [({}, True), (dict(output_covariances=False), False)])
def test_covariances_are_there_unless_they_are_declined(model, monkeypatch, setting, present):
    monkeypatch.setattr(model, 'test_cfg', {**model.test_cfg, **setting})
    graph, _ = build_graph(model)
    with torch.no_grad():
        keypoints, _, *covariances, _ = graph(torch.randn(2, 3, 256, 256))
    assert [each.shape for each in covariances] == [(*keypoints.shape, 2)] * present


def test_a_codec_that_tells_no_covariances_has_none_in_its_graph():
    graph, _ = build_graph(make_model(**{'model.head.decoder.type': 'TwoHot'}))
    assert not graph.covariances


def test_covariances_of_a_codec_that_tells_none_are_refused():
    model = make_model(**{'model.head.decoder.type': 'TwoHot'})
    model.test_cfg = dict(model.test_cfg, output_covariances=True)
    with pytest.raises(ValueError, match='decoder is TwoHot, which tells no covariances'):
        build_graph(model)


def test_an_image_with_a_box_is_answered_as_its_crop(model):
    """The box is half of an image that has twice the crop's size, so that nothing is scaled."""
    graph, description = build_graph(model, from_image=True)
    raw, _ = build_graph(model, raw=True)
    image = torch.randint(0, 256, (512, 640, 3), dtype=torch.uint8)
    side = 256 / description.bbox_padding
    box = torch.tensor([[100 + 128 - side / 2, 200 + 128 - side / 2, side, side]])
    with torch.no_grad():
        keypoints, scores, *_ = graph(image, box)
        expected, same_scores, *_ = raw(image[None, 200:456, 100:356])
    torch.testing.assert_close(scores, same_scores, atol=1e-4, rtol=0)
    moved = (keypoints - torch.tensor([100, 200]) - expected).norm(dim=-1)
    assert moved[scores > 0].median() < 0.05  # of an untrained network some landmarks leap
    assert description.takes_images and description.is_raw


@pytest.mark.parametrize('settings', [dict(flip_test=True), dict(from_image=True)])
def test_what_needs_landmarks_is_refused_without_decoder(model, settings):
    with pytest.raises(ValueError, match='without decoder neither landmarks'):
        build_graph(model, decodes=False, **settings)


def test_heatmaps_alone_without_decoder(model):
    graph, description = build_graph(model, decodes=False)
    crops = torch.randn(2, 3, 256, 256)
    with torch.no_grad():
        (heatmaps,) = graph(crops)
        assert torch.equal(heatmaps, model(crops, None))
    assert not description.decodes
