import numpy as np
import pytest
import torch
from mmpose.registry import KEYPOINT_CODECS
from reference_networks import BOUNDARIES, LANDMARKS, PREPROCESSOR, make_samples

from mmpose_multilat.models.heads.references import ReferenceInputs, references_of
from mmpose_multilat.models.layers import References

SIZE = (32, 32)


def build(boundaries=True, alignment='msra'):
    settings = dict(BOUNDARIES, heatmap_size=SIZE, alignment=alignment)
    codec = KEYPOINT_CODECS.build(settings) if boundaries else None
    return ReferenceInputs(PREPROCESSOR, (64, 64), SIZE, 1.5, alignment, codec)


def references(count=2):
    return references_of(make_samples(count))


def test_references_of_samples_are_in_their_order():
    samples = make_samples(3)
    found = references_of(samples)
    assert found.images.shape == (3, 3, 128, 128) and found.images.dtype == torch.uint8
    for face, sample in enumerate(samples):
        labels = sample.gt_instance_labels
        assert torch.equal(found.landmarks[face], labels.reference_landmarks[0])
        assert torch.equal(found.visible[face], labels.reference_visible[0])


def test_samples_without_references():
    assert references_of(make_samples(2, references=False)) is None
    assert references_of([]) is None


def test_samples_of_which_some_have_references_are_refused():
    mixed = [*make_samples(1), *make_samples(2, references=False)]
    with pytest.raises(ValueError, match='2 of 3 samples carry no .* put AddReference'):
        references_of(mixed)


def test_images_of_another_size_are_refused():
    samples = make_samples(1)
    labels = samples[0].gt_instance_labels
    labels.reference_image = labels.reference_image[..., :64, :64]
    with pytest.raises(ValueError, match=r'\(64, 64\) px.*size of AddReference'):
        references_of(samples)


def test_images_are_normalised_as_the_preprocessor_does():
    faces = references()
    images, _ = build()(faces, torch.zeros(()))
    inputs = build().preprocessor.forward(
        dict(inputs=list(faces.images), data_samples=make_samples(2))
    )['inputs']
    expected = torch.nn.functional.avg_pool2d(inputs, 2)
    torch.testing.assert_close(images, expected, atol=1e-5, rtol=1e-5)


def test_heatmaps_have_their_peaks_at_the_landmarks_and_curves_behind_them():
    landmarks = torch.from_numpy(np.random.default_rng(0).integers(2, 30, (2, LANDMARKS, 2))) * 4.0
    visible = torch.ones(2, LANDMARKS)
    visible[1, 3] = 0
    faces = References(references().images, landmarks, visible)
    _, heatmaps = build()(faces, torch.zeros(()))
    codec = KEYPOINT_CODECS.build(BOUNDARIES)
    assert heatmaps.shape == (2, LANDMARKS + codec.num_boundaries, 32, 32)
    for face in range(2):
        for landmark in range(LANDMARKS):
            x, y = (landmarks[face, landmark] / 4).long().tolist()
            expected = float(visible[face, landmark])
            assert heatmaps[face, landmark].max() == heatmaps[face, landmark, y, x] == expected
    drawn = build().boundaries.draw(landmarks / 4, visible)
    assert torch.equal(heatmaps[:, LANDMARKS:], drawn)
    assert torch.equal(build(boundaries=False)(faces, drawn)[1], heatmaps[:, :LANDMARKS])


def test_alignment_is_that_of_the_decoder():
    faces = references()._replace(landmarks=torch.full((2, LANDMARKS, 2), 127.0))
    _, heatmaps = build(alignment='udp')(faces, torch.zeros(()))
    assert heatmaps[0, 0, 31, 31] == 1


def test_a_blank_one_has_the_shapes_of_a_single_face():
    like = torch.zeros((), dtype=torch.float64)
    one = build()(References(*(each[:1] for each in references())), like)
    for found, expected in zip(build().blank(like, LANDMARKS), one):
        assert found.shape == expected.shape and found.dtype == expected.dtype == like.dtype
        assert not found.any()
