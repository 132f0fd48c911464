import numpy as np
import pytest
import torch
from pass_samples import Loader, heatmaps_by, make_estimator, predicted_by_estimator

from mmpose_multilat.analysis import look_through
from projects.popos import flip_border

pytestmark = pytest.mark.usefixtures('one_thread')


def test_variants_are_those_of_mmpose_and_of_the_estimator():
    model = make_estimator(heatmaps_by('KeyPosS'), flip_mode='coordinates')
    found = {variant: [] for variant in flip_border.VARIANTS}
    for views in look_through(model, Loader()):
        variants = flip_border.predict_all(views, model.head.decoder)
        for variant, samples in zip(flip_border.VARIANTS, variants):
            found[variant] += [sample.pred_instances.keypoints[0] for sample in samples]
    modes = {
        'none': dict(flip_test=False),
        "MMPose's": dict(flip_test=True, flip_mode='heatmap', shift_heatmap=True),
        'exact, landmarks': dict(flip_test=True, flip_mode='coordinates'),
    }
    for variant, settings in modes.items():
        model.test_cfg.update(settings)
        expected = predicted_by_estimator(model, Loader())
        np.testing.assert_allclose(found[variant], expected, atol=1e-3)


def test_heatmaps_that_are_moved_exactly():
    columns = torch.tensor([1.0, 2.0, 3.0, 5.0])
    plain = torch.zeros(4)
    _, mean, repaired, exact = flip_border.averages(plain, columns, width=8)
    assert mean.tolist() == [0.5, 0.5, 1.0, 1.5]
    assert repaired.tolist() == [0, 0.5, 1.0, 1.5]
    # A cell is two px: the heatmap moves half a cell.
    assert exact.tolist() == [0, 0.75, 1.25, 2.0]
