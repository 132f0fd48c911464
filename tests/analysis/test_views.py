"""The landmarks of the pass are those that the estimator itself predicts, whatever the head."""

import numpy as np
import pytest
import torch
from pass_samples import (
    LANDMARKS,
    OFFSETS,
    POINTS,
    SIMCC,
    SIZE,
    VECTORS,
    Loader,
    heatmaps_by,
    make_estimator,
    predicted_by_estimator,
)

from mmpose_multilat.analysis import (
    has_flip_test,
    look_through,
    registered_decoders,
    true_landmarks,
)
from mmpose_multilat.landmarks import CropGeometry
from mmpose_multilat.models.pose_estimators import crop_of

MMPOSE = 'TopdownPoseEstimator'
WITHOUT = dict(flip_test=False)
SHIFTED = dict(flip_test=True, flip_mode='heatmap', shift_heatmap=True)
COORDINATES = dict(flip_test=True, flip_mode='coordinates')
MODES = [WITHOUT, SHIFTED, COORDINATES]
HEADS = {
    'our codec': heatmaps_by('POPoS'),
    'our codec, udp': heatmaps_by('KeyPosS', alignment='udp'),
    "MMPose's": heatmaps_by('MSRAHeatmap'),
    "MMPose's udp": heatmaps_by('UDPHeatmap'),
    'vectors': VECTORS,
    'offsets': OFFSETS,
    'points': POINTS,
    'SimCC': SIMCC,
}


def predicted(model, codec, flip_test):
    found = [
        sample.pred_instances.keypoints[0]
        for views in look_through(model, Loader())
        for sample in views.predict(codec, flip_test)
    ]
    return np.stack(found)


@pytest.mark.parametrize('test_cfg', MODES, ids=['without', 'heatmap', 'coordinates'])
@pytest.mark.parametrize('head', HEADS.values(), ids=HEADS)
def test_landmarks_are_those_of_the_estimator(head, test_cfg):
    model = make_estimator(head, **test_cfg)
    found = predicted(model, model.head.decoder, has_flip_test(model))
    np.testing.assert_allclose(found, predicted_by_estimator(model, Loader()), atol=1e-3)
    assert np.ptp(found, axis=0).min() > 1, 'an untrained network must not find the same always'


@pytest.mark.parametrize('test_cfg', MODES[:2], ids=['without', 'heatmap'])
@pytest.mark.parametrize('head', [HEADS["MMPose's udp"], POINTS, SIMCC])
def test_landmarks_are_those_of_mmposes_estimator(head, test_cfg):
    model = make_estimator(head, MMPOSE, **test_cfg)
    found = predicted(model, model.head.decoder, has_flip_test(model))
    np.testing.assert_allclose(found, predicted_by_estimator(model, Loader()), atol=1e-3)


@pytest.mark.parametrize('test_cfg', MODES, ids=['without', 'heatmap', 'coordinates'])
@pytest.mark.parametrize('codec', ['UDPHeatmap', 'MSRAHeatmap'])
def test_every_decoder_finds_what_it_finds_in_an_estimator_of_its_own(codec, test_cfg):
    model = make_estimator(heatmaps_by(codec), **test_cfg)
    own = model.head.decoder
    for decoder in registered_decoders(own).values():
        found = predicted(model, decoder, has_flip_test(model))
        model.head.decoder = decoder
        np.testing.assert_allclose(found, predicted_by_estimator(model, Loader()), atol=1e-3)
        model.head.decoder = own


@pytest.mark.parametrize('head', [HEADS['our codec'], HEADS["MMPose's udp"], VECTORS, OFFSETS])
def test_landmarks_in_input_px_go_to_the_image(head):
    model = make_estimator(head, **COORDINATES)
    places = []
    # Crops of MMPose's UDPHeatmap are cut from middle to middle of the outer px.
    use_udp = head is HEADS["MMPose's udp"]
    for views in look_through(model, Loader()):
        crops = [crop_of(sample) for sample in views.samples]
        geometry = CropGeometry(
            torch.from_numpy(np.stack([crop.centre for crop in crops])),
            torch.from_numpy(np.stack([crop.size for crop in crops])),
            SIZE,
            use_udp,
        )
        found = views.locate(model.head.decoder, flip_test=True)
        places += found.to_image(geometry).coordinates
    np.testing.assert_allclose(
        torch.stack(places), predicted_by_estimator(model, Loader()), atol=1e-3
    )


@pytest.mark.parametrize('chosen', [[3, 0], [4]])
def test_landmarks_that_the_config_puts_out(chosen):
    model = make_estimator(heatmaps_by('POPoS'), output_keypoint_indices=chosen)
    codec = model.head.decoder
    for views in look_through(model, Loader(landmarks=len(chosen))):
        found = views.locate(codec, covariances=True)
        every = model.locate(views.inputs, covariances=True)
        for part, all_of_it in zip(found, every):
            torch.testing.assert_close(part, all_of_it[:, chosen], equal_nan=True)
        assert views.predict(codec)[0].pred_instances.keypoints.shape == (1, len(chosen), 2)


def test_the_network_runs_only_when_it_is_asked(monkeypatch):
    model = make_estimator(heatmaps_by('POPoS'), **SHIFTED)
    passes = []
    forward = model.extract_feat
    monkeypatch.setattr(model, 'extract_feat', lambda inputs: passes.append(1) or forward(inputs))
    views = next(look_through(model, Loader()))
    assert not passes
    for codec in registered_decoders(model.head.decoder).values():
        views.predict(codec)
    assert len(passes) == 1
    for codec in registered_decoders(model.head.decoder).values():
        views.predict(codec, flip_test=True)
    assert len(passes) == 2


def test_decoders_are_only_lent_to_the_head():
    model = make_estimator(heatmaps_by('POPoS'))
    own = model.head.decoder
    views = next(look_through(model, Loader()))
    other = registered_decoders(own)['one-hot']
    assert not views.locate(other).coordinates.equal(views.locate(own).coordinates)
    assert model.head.decoder is own


def test_another_number_of_landmarks_is_refused():
    model = make_estimator(heatmaps_by('POPoS'))
    (views, *_) = look_through(model, Loader(landmarks=7))
    with pytest.raises(ValueError, match='puts out 5 landmarks, the dataset has 7; take the con'):
        views.predict(model.head.decoder)


@pytest.mark.parametrize('codec', ['POPoS', 'MSRAHeatmap'])
def test_another_size_of_the_heatmaps_is_refused(codec):
    head = heatmaps_by(codec)
    model = make_estimator(dict(head, decoder=dict(head['decoder'], heatmap_size=(8, 8))))
    views = next(look_through(model, Loader()))
    with pytest.raises(ValueError, match=rf'{codec} was built for heatmap_size=\(8, 8\)'):
        views.predict(model.head.decoder)


def test_true_landmarks_are_in_input_px_and_nan_without_a_label():
    model = make_estimator(heatmaps_by('POPoS'))
    views = next(look_through(model, Loader()))
    sample = views.samples[0]
    about, known = sample.metainfo, sample.gt_instances
    # Back to the image by the formula of MMPose's pose estimators.
    size, scale, centre = (np.array(about[f'input_{name}']) for name in ('size', 'scale', 'center'))
    back = true_landmarks(sample) / size * scale + centre - 0.5 * scale
    labelled = [place for place in range(LANDMARKS) if place != 2]
    np.testing.assert_allclose(back[labelled], known.keypoints[0, labelled])
    assert np.isnan(views.true[0, 2]).all() and views.true.shape == (2, LANDMARKS, 2)
    known.keypoints_visible = np.stack([known.keypoints_visible] * 2, -1)  # as MMPose's codecs do
    np.testing.assert_array_equal(true_landmarks(sample), views.true[0])
