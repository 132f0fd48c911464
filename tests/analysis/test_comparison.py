import json

import numpy as np
import pytest
from mmengine.evaluator import Evaluator
from pass_samples import OFFSETS, Loader, heatmaps_by, make_estimator, predicted_by_estimator

from mmpose_multilat.analysis import compare_decoders, main_nme, registered_decoders

NME = dict(type='NME', norm_mode='use_norm_item', norm_item='bbox_size')
FACES = 4

pytestmark = pytest.mark.usefixtures('quick_times')


def reached_by_test_loop(model, codec, loader):
    """The metrics of the config's evaluator when an estimator decodes with one codec."""
    own, model.head.decoder = model.head.decoder, codec
    evaluator = Evaluator(NME)
    evaluator.dataset_meta = loader.dataset.metainfo
    for batch in loader:
        evaluator.process(model.test_step(batch), batch)
    model.head.decoder = own
    return evaluator.evaluate(len(loader.dataset))


@pytest.mark.parametrize('head', [heatmaps_by('UDPHeatmap'), heatmaps_by('MSRAHeatmap'), OFFSETS])
@pytest.mark.parametrize('flip_mode', ['heatmap', 'coordinates'])
def test_every_decoder_reaches_what_the_test_loop_reaches(head, flip_mode):
    model = make_estimator(head, flip_test=True, flip_mode=flip_mode)
    decoders = registered_decoders(model.head.decoder)
    results, faces = compare_decoders(model, Loader(FACES), NME, decoders)
    assert faces == [] and list(results) == list(decoders)
    for label, codec in decoders.items():
        expected = reached_by_test_loop(model, codec, Loader(FACES))
        assert results[label].metrics == pytest.approx(expected, rel=1e-4)
        json.dumps(results[label].metrics)
        assert results[label].ms_per_face > 0
    assert len({result.metrics['NME'] for result in results.values()}) > 1


def test_faces_to_draw_are_spread_over_the_test_set():
    model = make_estimator(heatmaps_by('POPoS'))
    decoders = registered_decoders(model.head.decoder)
    results, faces = compare_decoders(model, Loader(FACES), NME, decoders, num_faces=2, timed=False)
    assert {result.ms_per_face for result in results.values()} == {None}
    assert [face.path for face in faces] == ['0.jpg', '3.jpg']
    expected = predicted_by_estimator(model, Loader(FACES))
    for face, place in zip(faces, (0, 3)):
        assert list(face.predicted) == list(decoders)
        np.testing.assert_allclose(face.predicted['POPoS'], expected[place], atol=1e-3)
        sample = Loader(FACES)[place // 2]['data_samples'][place % 2]
        np.testing.assert_array_equal(face.true, sample.gt_instances.keypoints[0])


def test_the_first_nme_is_found_behind_prefix_and_subset():
    metrics = {'p/FR_ocular@0.08': 0.5, 'p/NME_ocular': 0.03, 'p/common/NME_ocular': 0.02}
    assert main_nme(metrics) == 0.03


def test_no_nme_is_a_clear_error():
    with pytest.raises(ValueError, match='gives no NME: no face has a defined normaliser'):
        main_nme({'faces': 3, 'undefined_ocular': 3})
