import numpy as np
import pytest
from pass_samples import (
    META,
    OFFSETS,
    POINTS,
    SIZE,
    VECTORS,
    Loader,
    heatmaps_by,
    make_estimator,
    predicted_by_estimator,
)

from mmpose_multilat.analysis import measure, registered_decoders
from mmpose_multilat.evaluation import FaceAlignmentMetric

FACES = 3

pytestmark = pytest.mark.usefixtures('quick_times')


def make_metric(**settings):
    metric = FaceAlignmentMetric(normalisers=['box_tight'], **settings)
    metric.dataset_meta = META
    return metric


def measured(model, decoders=None, **settings):
    decoders = decoders or registered_decoders(model.head.decoder)
    return measure(model, Loader(FACES), decoders, make_metric(**settings))


@pytest.mark.parametrize('flip_mode', ['heatmap', 'coordinates'])
@pytest.mark.parametrize('head', [heatmaps_by('UDPHeatmap'), VECTORS, OFFSETS, POINTS])
def test_predictions_are_those_of_the_estimator(head, flip_mode):
    model = make_estimator(head, flip_mode=flip_mode)
    found = measured(model)
    for label, codec in registered_decoders(model.head.decoder).items():
        model.head.decoder = codec
        for flip_test in (False, True):
            model.test_cfg['flip_test'] = flip_test
            expected = predicted_by_estimator(model, Loader(FACES))
            predicted = found.predictions[label, flip_test].predicted
            np.testing.assert_allclose(predicted, expected, atol=1e-3)


def test_labels_come_from_the_metric(capsys):
    model = make_estimator(heatmaps_by('POPoS'))
    own = {'own': model.head.decoder}
    found = measured(model, own, subsets=dict(second=dict(path='1.jpg')))
    assert 'NME' not in capsys.readouterr().out
    labelled = found.predictions['own', True]
    samples = [sample for batch in Loader(FACES) for sample in batch['data_samples']]
    true = np.concatenate([sample.gt_instances.keypoints for sample in samples])
    np.testing.assert_array_equal(labelled.true, true)
    assert labelled.labelled.tolist() == [[True, True, False, True, True]] * FACES
    assert labelled.ids == [0, 1, 2] and labelled.images == ['0.jpg', '1.jpg', '2.jpg']
    assert labelled.subsets['second'].tolist() == [False, True, False]
    assert labelled.dataset == META['dataset_name']


def test_times_are_of_the_first_batch():
    model = make_estimator(heatmaps_by('POPoS'))
    found = measured(model)
    assert (found.batch_size, found.input_size) == (2, SIZE)
    assert set(found.network) == {'off', 'on'}
    assert set(found.decoders) == set(registered_decoders(model.head.decoder))
    times = [*found.network.values(), *found.decoders.values()]
    assert all(0 < each.fastest <= each.ms_per_face <= each.slowest for each in times)


def test_without_flip_test_where_nobody_says_which_landmarks_mirror_each_other():
    chosen = dict(output_keypoint_indices=[0, 3])
    model = make_estimator(heatmaps_by('POPoS'), **chosen)
    loader = Loader(FACES, landmarks=2)
    metric = make_metric()
    metric.dataset_meta = loader.dataset.metainfo
    found = measure(model, loader, {'own': model.head.decoder}, metric)
    assert list(found.predictions) == [('own', False)]
    expected = predicted_by_estimator(model, loader)
    np.testing.assert_allclose(found.predictions['own', False].predicted, expected, atol=1e-3)


def test_a_normaliser_that_is_not_known_for_the_data_set():
    model = make_estimator(heatmaps_by('POPoS'))
    metric = make_metric()
    metric.normalisers = ['ocular']
    with pytest.raises(ValueError, match="normaliser 'ocular' needs the eyes"):
        measure(model, Loader(FACES), {'own': model.head.decoder}, metric)
