"""Every decoder in ONNX. A new one is found here by itself on the day it is registered."""

from functools import partial

import numpy as np
import pytest
import torch
from deploy.drawn_crops import (
    HEATMAP_SIZE,
    INPUT_SIZE,
    PITCH,
    CellSampler,
    draw_crops,
    make_description,
    make_estimator,
    make_graph,
    random_landmarks,
)
from mmpose.registry import KEYPOINT_CODECS

from mmpose_multilat.codecs import (
    GaussianMLE,
    GaussianVector,
    HeatmapCodec,
    KeyPosS,
    OneHot,
    POPoS,
    popos,
)
from mmpose_multilat.deploy import (
    DiscrepancyError,
    LandmarkGraph,
    OnnxModel,
    export_onnx,
    save,
    verify,
)
from mmpose_multilat.deploy.parts import decoder_of, run, with_inner
from mmpose_multilat.multilateration import minimise_gauss_newton

onnx = pytest.importorskip('onnx')
pytest.importorskip('onnxscript')
pytest.importorskip('onnxruntime')

# Largest error on a clean Gaussian in cells; unlisted decoders are exact.
LARGEST_ERROR = {'OneHot': 0.71, 'TwoHot': 0.54, 'Dark': 0.6, 'POPoS-grid': 0.08}
EXACT = 2e-3
SETTINGS = dict(
    KeyPosS=[dict(), dict(beyond_box=True)],
    POPoS=[dict(solver=solver) for solver in popos.SOLVERS],
    GaussianMLE=[dict(), dict(fit_sigma=True)],
)


def all_decoders():
    """Parameters (class, settings), each with a name."""
    kinds = set(KEYPOINT_CODECS.module_dict.values())
    kinds = sorted((kind for kind in kinds if issubclass(kind, HeatmapCodec)), key=str)
    return [
        pytest.param(kind, settings, id='-'.join((kind.__name__, *map(str, settings.values()))))
        for kind in kinds
        for settings in SETTINGS.get(kind.__name__, [{}])
    ]


@pytest.fixture
def few_steps(monkeypatch):
    """IGNO's 20 steps are all alike; three make the same graph, only shorter."""
    monkeypatch.setattr(popos, 'minimise_gauss_newton', partial(minimise_gauss_newton, steps=3))


@pytest.mark.parametrize('kind, settings', all_decoders())
def test_every_decoder_finds_drawn_landmarks(few_steps, request, kind, settings):
    graph = make_graph(kind(INPUT_SIZE, HEATMAP_SIZE, **settings))
    description = make_description()
    model = export_onnx(graph, description)
    decoder, unreadable, *whole = verify(model, graph, description)
    assert decoder.compared >= 0.9 * decoder.landmarks and len(whole) == 2
    assert unreadable.compared == unreadable.landmarks and unreadable.difference == 0
    for faces in (1, 5):
        landmarks = random_landmarks(faces)
        found = run(model, dict(crops=draw_crops(landmarks)))
        assert sorted(found) == ['keypoints', 'scores']
        error = np.linalg.norm(found['keypoints'] - landmarks.numpy(), axis=-1)
        assert error.max() <= PITCH * LARGEST_ERROR.get(request.node.callspec.id, EXACT)
        assert (found['scores'] > 0.9).all()


def test_landmarks_beyond_the_box_are_in_the_graph():
    """Two and a half cells outside: above, beyond the right upper corner, inside."""
    graph = make_graph(OneHot(INPUT_SIZE, HEATMAP_SIZE, beyond_box=True))
    model = export_onnx(graph, make_description())
    landmarks = PITCH * torch.tensor([[[3.0, -2.5], [8.5, -2.0], [4.0, 3.0]]])
    found = run(model, dict(crops=draw_crops(landmarks)))['keypoints']
    np.testing.assert_allclose(found, landmarks.numpy(), atol=0.01)


@pytest.mark.parametrize('settings', [dict(), dict(rounded=False, refine='exact')])
def test_gaussian_vector_in_the_graph(settings):
    graph = make_graph(GaussianVector(INPUT_SIZE, HEATMAP_SIZE, **settings))
    model = export_onnx(graph, make_description())
    decoder, unreadable, *_ = verify(model, graph, make_description())
    assert decoder.compared >= 0.9 * decoder.landmarks
    assert unreadable.compared == unreadable.landmarks and unreadable.difference == 0
    landmarks = random_landmarks(5)
    found = run(model, dict(crops=draw_crops(landmarks)))['keypoints']
    assert [output.name for output in model.graph.output] == ['keypoints', 'scores']
    largest_error = EXACT if settings else LARGEST_ERROR['TwoHot']
    assert np.linalg.norm(found - landmarks.numpy(), axis=-1).max() <= PITCH * largest_error


@pytest.mark.parametrize(
    'kind, partners', [(KeyPosS, [1, 0, 2]), (POPoS, None), (GaussianMLE, None)]
)
def test_covariances_in_the_graph(kind, partners):
    """Of noisy landmarks, and of one that is not there."""
    codec = kind(INPUT_SIZE, HEATMAP_SIZE)
    estimator = make_estimator(codec)
    graph = LandmarkGraph(estimator, flip_indices=partners, covariances=True).eval()
    description = make_description(flip_test=partners is not None)
    model = export_onnx(graph, description)
    decoder, unreadable, *_ = verify(model, graph, description)
    assert decoder.compared >= 0.9 * decoder.landmarks
    assert unreadable.compared == unreadable.landmarks
    crops = draw_crops(random_landmarks(3))
    crops += 0.01 * torch.randn(crops.shape, generator=torch.Generator().manual_seed(0))
    crops[1, 2] = 0
    found = run(model, dict(crops=crops))
    assert sorted(found) == ['covariances', 'keypoints', 'scores']
    expected, mirrored = (
        codec.locate_in_input(each[..., ::PITCH, ::PITCH], covariances=True)[2].numpy()
        for each in (crops, crops.flip(-1))
    )
    if partners:
        expected = (expected + mirrored[:, partners] * [[1, -1], [-1, 1]]) / 2
    np.testing.assert_allclose(found['covariances'], expected, rtol=1e-2, atol=1e-3)
    unknown = np.isnan(found['covariances']).all((-2, -1))
    np.testing.assert_array_equal(unknown, found['scores'] == 0)
    assert unknown[1, 2] and unknown.sum() == 1


@pytest.fixture(scope='module')
def flipping():
    """The graph of a flip test, its description and its model."""
    graph = make_graph(OneHot(INPUT_SIZE, HEATMAP_SIZE), partners=[1, 0, 2])
    description = make_description(flip_test=True)
    return graph, description, export_onnx(graph, description)


def test_flip_test_in_the_graph(flipping):
    graph, description, model = flipping
    assert verify(model, graph, description)[0].difference == 0
    cells = torch.tensor([[[2.0, 3.0], [5.0, 3.0], [4.0, 6.0]]])
    found = run(model, dict(crops=draw_crops(PITCH * cells)))
    # The crop at 64, 160, 128 px; of its flipped image landmark 0 is what was drawn as landmark 1.
    # One-hot answers with cells, to which 255 - x is rounded: 95 -> 96, 191 -> 192, 127 -> 128.
    expected = [
        [(64 + 255 - 96) / 2, 96],
        [(160 + 255 - 192) / 2, 96],
        [(128 + 255 - 128) / 2, 192],
    ]
    assert found['keypoints'][0].tolist() == expected


def test_a_wrong_model_is_noticed(flipping):
    graph, description, model = flipping
    other = LandmarkGraph(graph.estimator, flip_indices=[0, 1, 2])
    with pytest.raises(DiscrepancyError, match='decoder, Gaussians'):
        verify(model, other, description)


def test_a_wrong_network_is_noticed(flipping):
    class Brighter(CellSampler):
        def extract_feat(self, crops):
            return (1.01 * super().extract_feat(crops)[0],)

    graph, description, model = flipping
    other = LandmarkGraph(make_estimator(graph.codec, Brighter), flip_indices=[1, 0, 2])
    with pytest.raises(DiscrepancyError, match='whole model, synthetic faces: the (scores|heatm)'):
        verify(model, other, description)


def test_heatmaps_are_inside_the_model(flipping):
    _, _, model = flipping
    assert [output.name for output in model.graph.output] == ['keypoints', 'scores']
    crops = draw_crops(random_landmarks(2))
    found = run(with_inner(model, ['heatmaps']), dict(crops=crops))
    expected = torch.cat((crops, crops.flip(-1)))[..., ::PITCH, ::PITCH]
    np.testing.assert_allclose(found['heatmaps'], expected.numpy())
    decoded = run(decoder_of(model, ['heatmaps']), dict(heatmaps=expected, crops=crops))
    np.testing.assert_array_equal(decoded['keypoints'], found['keypoints'])


def test_description_is_in_the_file(flipping):
    _, description, model = flipping
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    assert metadata == description.to_metadata()


def test_factors_near_one_are_kept():
    class NearlyOne(CellSampler):
        def extract_feat(self, crops):
            return (super().extract_feat(crops)[0] * (1 - 1e-6),)

    estimator = make_estimator(OneHot(INPUT_SIZE, HEATMAP_SIZE), NearlyOne)
    model = export_onnx(LandmarkGraph(estimator), make_description())
    crops = torch.ones(3, 3, 256, 256)
    found = run(with_inner(model, ['heatmaps']), dict(crops=crops))['heatmaps']
    assert (found == np.float32(1 - 1e-6)).all() and (found < 1).all()


class BranchOnData(CellSampler):
    def extract_feat(self, crops):
        (heatmaps,) = super().extract_feat(crops)
        return (heatmaps if crops.mean() > 0 else -heatmaps,)


class FixedBatch(CellSampler):
    def extract_feat(self, crops):
        return super().extract_feat(crops.reshape(2, 3, 256, 256))


@pytest.mark.parametrize('kind', [BranchOnData, FixedBatch])
def test_what_would_be_frozen_is_refused(kind):
    graph = LandmarkGraph(make_estimator(kind=kind))
    with pytest.raises((RuntimeError, torch.onnx.OnnxExporterError)):
        export_onnx(graph, make_description())


def test_a_file_replaces_another_at_once(flipping, tmp_path):
    path = tmp_path / 'model.onnx'
    path.write_text('an earlier export')
    save(flipping[2], path)
    assert onnx.load(path) == flipping[2]
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_file_leaves_nothing(flipping, tmp_path, monkeypatch):
    def fail(*arguments):
        raise OSError('disk full')

    monkeypatch.setattr('os.replace', fail)
    with pytest.raises(OSError, match='disk full'):
        save(flipping[2], tmp_path / 'model.onnx')
    assert not any(tmp_path.iterdir())


def test_without_decoder_heatmaps_are_put_out(tmp_path):
    graph = LandmarkGraph(make_estimator(), decodes=False).eval()
    description = make_description(decodes=False)
    model = export_onnx(graph, description)
    agreements = verify(model, graph, description)
    assert [each.relative['heatmaps'] < 1e-4 for each in agreements] == [True, True]
    save(model, tmp_path / 'heatmaps.onnx')
    exported = OnnxModel(tmp_path / 'heatmaps.onnx')
    assert exported.outputs == ('heatmaps',)
    crops = np.random.default_rng(0).integers(0, 256, (2, 256, 256, 3), np.uint8)
    found = exported.predict(crops)['heatmaps']
    # RGB, and divided by 255.
    expected = crops[:, ::PITCH, ::PITCH, ::-1].transpose(0, 3, 1, 2) / 255
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert exported.predict(crops[:0])['heatmaps'].shape == (0, 3, 8, 8)
    with pytest.raises(ValueError, match='no decoder; .* without --without-decoder'):
        exported(crops)


def test_a_difference_of_heatmaps_without_decoder_is_found():
    graph = LandmarkGraph(make_estimator(), decodes=False).eval()
    description = make_description(decodes=False)
    model = export_onnx(graph, description)
    graph.estimator.head.forward = lambda feats: feats[-1] * 1.001
    with pytest.raises(DiscrepancyError, match='the heatmaps of ONNX and PyTorch differ'):
        verify(model, graph, description)
