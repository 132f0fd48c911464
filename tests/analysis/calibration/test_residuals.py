import json

import numpy as np
import pytest
from pass_samples import LANDMARKS, OFFSETS, VECTORS, Loader, heatmaps_by, make_estimator

from mmpose_multilat.analysis import measure_residuals

FACES = 4


@pytest.mark.parametrize('flip_mode', [None, 'heatmap', 'coordinates'])
@pytest.mark.parametrize('head', [heatmaps_by('POPoS'), OFFSETS])
def test_they_are_those_of_what_the_estimator_puts_out(head, flip_mode):
    settings = dict(flip_test=flip_mode is not None, flip_mode=flip_mode or 'heatmap')
    model = make_estimator(head, **settings, output_covariances=True)
    residuals = measure_residuals(model, Loader(FACES), {'own': model.head.decoder}, 'person')
    samples = [sample for batch in Loader(FACES) for sample in model.test_step(batch)]
    for place, sample in enumerate(samples):
        found, known = sample.pred_instances, sample.gt_instances
        expected = found.keypoints[0] - known.keypoints[0]
        expected[known.keypoints_visible[0] == 0] = np.nan
        scale = np.array(sample.metainfo['input_scale']) / sample.metainfo['input_size']
        np.testing.assert_allclose(residuals.errors['own'][place] * scale, expected, atol=1e-3)
        covariances = residuals.covariances['own'][place] * np.outer(scale, scale)
        np.testing.assert_allclose(covariances, found.keypoint_covariances[0], rtol=1e-3)
    assert np.isfinite(residuals.covariances['own']).all((-2, -1)).sum() > FACES


def test_several_decoders_and_groups():
    model = make_estimator(heatmaps_by('POPoS'))
    decoders = {'a': model.head.decoder, 'b': model.head.decoder}
    residuals = measure_residuals(model, Loader(FACES), decoders, 'person')
    assert residuals.grouped
    assert residuals.groups == ['group person 0', 'group person 1'] * 2
    assert residuals.errors['a'].shape == (FACES, LANDMARKS, 2)
    np.testing.assert_array_equal(residuals.covariances['a'], residuals.covariances['b'])


def test_without_groups_every_image_is_one():
    model = make_estimator(heatmaps_by('POPoS'))
    residuals = measure_residuals(model, Loader(2), {'own': model.head.decoder}, 'nothing')
    assert not residuals.grouped and residuals.groups == ['image 0.jpg', 'image 1.jpg']


@pytest.mark.parametrize(
    'content, groups', [(dict(images=[dict(id=1, file_name='1.jpg', name='x')]), 'x'), ([], None)]
)
def test_groups_of_image_records(tmp_path, content, groups):
    path = tmp_path / 'annotations.json'
    path.write_text(json.dumps(content))
    model, loader = make_estimator(heatmaps_by('POPoS')), Loader(2)
    loader.dataset.ann_file = str(path)
    residuals = measure_residuals(model, loader, {'own': model.head.decoder}, 'name')
    expected = ['image 0.jpg', f'group {groups}' if groups else 'image 1.jpg']
    assert residuals.groups == expected


def test_heads_without_covariances_say_so():
    model = make_estimator(VECTORS)
    with pytest.raises(ValueError, match='GaussianVector tells no covariances'):
        measure_residuals(model, Loader(), {'own': model.head.decoder}, 'person')
