"""The metric on MMPose's stock datasets, in a test run, and over two processes."""

import copy
import functools
import json
import multiprocessing
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.evaluator import Evaluator
from mmengine.hooks import CheckpointHook
from mmengine.logging import MessageHub, MMLogger
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from mmengine.structures import InstanceData
from mmpose.registry import DATASETS, METRICS

from mmpose_multilat.datasets.synthetic import Request, write_data_sets
from mmpose_multilat.evaluation import Predictions, evaluate, face_errors, landmark_errors

FACES = 12
FOLDERS = dict(coco_wholebody_face='coco')
DATA_SETS = ['wflw', '300w', 'aflw', 'cofw', 'coco_wholebody_face']
CONFIG = 'configs/face_2d_keypoint/popos/300w/popos_hrnetv2-w18_4xb32-100e_300w-256x256-hm4.py'
COMMON = dict(common=dict(ann_file='face_landmarks_300w_valid_common.json'))


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    """Synthetic faces as all five datasets, WFLW's with attributes."""
    root = tmp_path_factory.mktemp('faces')
    write_data_sets(DATA_SETS, str(root), Request(train=1, test=FACES, size=64))
    path = root / 'wflw' / 'annotations' / 'face_landmarks_wflw_test.json'
    content = json.loads(path.read_text())
    for number, annotation in enumerate(content['annotations']):
        annotation['attributes'] = dict(pose=int(number % 3 == 0), blur=0)
    path.write_text(json.dumps(content))
    return root


@pytest.fixture(scope='module')
def samples(root):
    """A function that gives the samples of a stock dataset with noise as predictions."""

    @functools.cache
    def read(name):
        init_default_scope('mmpose')
        config = Config.fromfile(f'configs/_base_/datasets/{name}_256x256.py')
        place = f'{root}/{FOLDERS.get(name, name)}/'
        dataset = DATASETS.build({**config.test_dataloader.dataset, 'data_root': place})
        random, packed = np.random.default_rng(0), []
        for index in range(len(dataset)):
            sample = dataset[index]['data_samples']
            true = sample.gt_instances.keypoints
            sample.pred_instances = InstanceData(
                keypoints=true + random.normal(size=true.shape).astype(np.float32),
                keypoint_scores=random.uniform(size=true.shape[:2]).astype(np.float32),
            )
            packed.append(sample)
        return dataset.metainfo, packed, MessageHub.get_current_instance().runtime_info

    def make(name):
        metainfo, packed, noted = read(name)
        # MMPose notes the annotation file where the runner of another test may stand by now.
        MessageHub.get_current_instance().runtime_info.update(noted)
        return metainfo, copy.deepcopy(packed)

    return make


def measure(metainfo, samples, size=None, batch=5, **settings):
    metric = METRICS.build(dict(type='FaceAlignmentMetric', **settings))
    evaluator = Evaluator(metric)
    evaluator.dataset_meta = metainfo
    for start in range(0, len(samples), batch):
        evaluator.process(samples[start : start + batch])
    return evaluator.evaluate(len(samples) if size is None else size)


@pytest.fixture
def log(monkeypatch):
    """What the metric tells the user, by level."""
    lines = dict(info=[], warning=[])
    logger = MMLogger.get_current_instance()
    for level, messages in lines.items():
        monkeypatch.setattr(logger, level, messages.append)
    return lines


@pytest.mark.parametrize('name', DATA_SETS)
def test_agrees_with_mmposes_metric_on_every_stock_class(samples, name):
    metainfo, packed = samples(name)
    normaliser = 'box_side' if name == 'aflw' else 'ocular'
    found = measure(metainfo, packed, normalisers=[normaliser])
    stock = dict(norm_mode='keypoint_distance')
    if name == 'aflw':
        stock = dict(norm_mode='use_norm_item', norm_item='bbox_size')
    evaluator = Evaluator(dict(type='NME', **stock))
    evaluator.dataset_meta = metainfo
    evaluator.process(packed)
    expected = evaluator.evaluate(len(packed))['NME']
    assert found[f'NME_{normaliser}_micro'] == pytest.approx(expected, abs=1e-6)
    assert found['faces'] == len(packed) == FACES
    assert list(found)[0] == f'NME_{normaliser}'


def test_subsets_of_wflw(root, samples, log):
    subsets = dict(
        listed=dict(ann_file='face_landmarks_wflw_test_largepose.json'),
        pose=dict(field='attributes.pose', equals=1),
        everything=dict(path='images/synthetic/'),
        missing=dict(ann_file='face_landmarks_wflw_test_sleeping.json'),
        blur=dict(field='attributes.blur', equals=1),
    )
    found = measure(*samples('wflw'), subsets=subsets)
    listed = root / 'wflw' / 'annotations' / 'face_landmarks_wflw_test_largepose.json'
    assert found['listed/faces'] == len(json.loads(listed.read_text())['annotations']) > 0
    assert found['pose/faces'] == FACES / 3
    assert found['everything/NME_ocular'] == found['NME_ocular']
    assert found['blur/faces'] == 0 and 'blur/NME_ocular' not in found
    assert not [key for key in found if key.startswith('missing')]
    (warning,) = log['warning']
    assert "'missing'" in warning and 'face_landmarks_wflw_test_sleeping.json' in warning
    (text,) = log['info']
    assert f'| pose       |     4 | {100 * found["pose/NME_ocular"]:.2f} |' in text
    assert '(0 faces): blur.' in text


def test_a_warning_is_given_once(samples, log):
    metainfo, packed = samples('300w')
    metric = METRICS.build(
        dict(type='FaceAlignmentMetric', subsets=dict(x=dict(ann_file='none.json')))
    )
    metric.dataset_meta = metainfo
    for _ in range(3):
        metric.process(None, [sample.to_dict() for sample in packed])
        metric.evaluate(len(packed))
    assert len(log['warning']) == 1 and len(log['info']) == 3


def test_occlusion_of_cofw(root, samples):
    found = measure(*samples('cofw'), normalisers=['ocular'], outfile=None)
    path = root / 'cofw' / 'annotations' / 'cofw_test.json'
    flags = [each['keypoints'][2::3] for each in json.loads(path.read_text())['annotations']]
    # The reference reads truth and predictions again, with the flags of the file.
    errors = []
    for sample in samples('cofw')[1]:
        true, predicted = sample.gt_instances.keypoints[0], sample.pred_instances.keypoints[0]
        pixels = np.linalg.norm(predicted - true, axis=1)
        errors.append(pixels / np.linalg.norm(true[8] - true[9]))
    for name, flag in dict(occluded=1, visible=2).items():
        means = [
            np.mean([e for e, v in zip(face, row) if v == flag])
            for face, row in zip(errors, flags)
            if flag in row
        ]
        assert found[f'NME_ocular_{name}'] == pytest.approx(np.mean(means), abs=1e-6)
    silent = measure(*samples('cofw'), occlusion=False)
    assert not [key for key in silent if 'occluded' in key]


def test_occlusion_where_the_data_set_class_drops_the_flags(root, samples, log):
    """COFW-68 is read by MMPose's class for 300W; the flags come from the annotation file."""
    metainfo, packed = samples('300w')
    path = root / '300w' / 'annotations' / 'face_landmarks_300w_valid.json'
    content = json.loads(path.read_text())
    for annotation in content['annotations']:
        annotation['keypoints'][2::3] = [1] * 17 + [2] * 51
    other = root / 'with_flags.json'
    other.write_text(json.dumps(content))
    found = measure(
        metainfo, packed, normalisers=['ocular'], occlusion=True, ann_file=str(other), parts=True
    )
    assert found['NME_ocular_occluded'] == pytest.approx(found['NME_ocular_contour'])
    assert not log['warning']
    assert not [key for key in measure(metainfo, packed, occlusion=True) if 'occluded' in key]
    assert 'no landmark has the flag 2' in log['warning'][0]


def test_every_number_comes_again_from_the_file(samples, tmp_path):
    settings = dict(normalisers=['ocular', 'diagonal'], thresholds=[0.04, 0.05], percentiles=[50])
    path = tmp_path / 'new' / 'faces.npz'
    subsets = dict(common=dict(ann_file='face_landmarks_300w_valid_common.json'))
    found = measure(
        *samples('300w'),
        subsets=subsets,
        parts=dict(chin=[7, 8, 9], brows=range(17, 27)),
        eyes=[[36, 39], [42, 45]],
        outfile=str(path),
        **settings,
    )
    loaded = Predictions.load(path)
    again = evaluate(loaded, parts=True, **settings)
    full = again.pop('full')
    expected = {**full, **{f'common/{key}': value for key, value in again['common'].items()}}
    assert found == expected and 0 < found['common/faces'] < FACES
    assert list(found) == list(expected)
    assert Path(loaded.images[0]).is_file() and loaded.dataset == '300w'
    with np.load(path) as file:
        errors = file['derived.face_errors_ocular']
        assert file['derived.part_names'].tolist() == ['chin', 'brows']
        parts = file['derived.part_errors_diagonal']
        assert file['derived.landmark_errors_ocular'].shape == (68,)
    np.testing.assert_array_equal(errors, face_errors(loaded, 'ocular'))
    each = landmark_errors(loaded, 'diagonal')
    expected = np.stack([each[:, 7:10].mean(axis=1), each[:, 17:27].mean(axis=1)], axis=1)
    np.testing.assert_allclose(parts, expected)


def test_a_test_run_prints_the_table(root, tmp_path, capfd):
    """`mim test` in one process, with a network that was not trained."""
    config = Config.fromfile(CONFIG)
    config.model.backbone.init_cfg = None
    config.work_dir = str(tmp_path)
    config.test_dataloader.update(num_workers=0, persistent_workers=False, batch_size=5)
    config.test_dataloader.dataset.data_root = f'{root}/300w/'
    config.test_evaluator = dict(
        type='FaceAlignmentMetric',
        normalisers=['ocular', 'pupil'],
        subsets=dict(COMMON, indoor=dict(path='01_Indoor/')),
        outfile=str(tmp_path / 'faces.npz'),
    )
    for name in ('train_cfg', 'val_cfg', 'optim_wrapper', 'param_scheduler', 'auto_scale_lr'):
        config.pop(name, None)
    for name in ('train_dataloader', 'val_dataloader', 'val_evaluator'):
        config.pop(name, None)
    config.custom_hooks = []
    config.experiment_name = f'table_{os.getpid()}'
    metrics = Runner.from_cfg(config).test()
    printed = ''.join(capfd.readouterr())
    assert '| subset | faces |' in printed and '| common |' in printed
    assert f'| full   |    12 | {100 * metrics["NME_pupil"]:.2f} |' in printed
    assert metrics['common/faces'] > 0 and metrics['indoor/faces'] == 0
    assert len(Predictions.load(tmp_path / 'faces.npz')) == FACES


def measure_on_rank(rank, folder, metainfo, samples, settings):
    """One of two processes: its share of the samples, as MMEngine's sampler deals them out."""
    store = f'file://{folder}/store'
    torch.distributed.init_process_group('gloo', init_method=store, rank=rank, world_size=2)
    # Every second sample, and the first one again so that both have equally many.
    dealt = (samples + samples[:1])[rank::2]
    found = measure(metainfo, dealt, size=len(samples), batch=2, **settings)
    (folder / f'found{rank}.json').write_text(json.dumps(found))


def test_two_processes_find_what_one_does(samples, tmp_path, monkeypatch):
    metainfo, packed = samples('300w')
    packed = packed[:7]
    monkeypatch.chdir(tmp_path)  # MMEngine collects in a folder below the current one
    monkeypatch.setenv('GLOO_SOCKET_IFNAME', 'lo')
    settings = dict(subsets=dict(COMMON), normalisers=['ocular'])
    two = dict(settings, outfile=str(tmp_path / 'two.npz'))
    # Forked processes need not import MMPose again, which takes most of the time.
    context = multiprocessing.get_context('fork')
    processes = [
        context.Process(target=measure_on_rank, args=(rank, tmp_path, metainfo, packed, two))
        for rank in range(2)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=120)
        process.kill()
    assert [process.exitcode for process in processes] == [0, 0]
    expected = measure(metainfo, packed, **settings, outfile=str(tmp_path / 'one.npz'))
    for rank in range(2):
        assert json.loads((tmp_path / f'found{rank}.json').read_text()) == expected
    one, two = (Predictions.load(tmp_path / f'{name}.npz') for name in ('one', 'two'))
    assert one.images == two.images and one.ids == two.ids and len(one) == 7
    np.testing.assert_array_equal(one.predicted, two.predicted)


def test_best_checkpoint_by_the_first_key(samples):
    assert best_by_itself(measure(*samples('aflw'))) == ('NME_box_side', True)


def test_parts_have_no_numbers_of_their_own_unless_asked_for(samples):
    found = {parts: measure(*samples('300w'), parts=parts) for parts in (False, True)}
    assert 'NME_ocular_nose' in found[True] and 'NME_pupil_left_eye' in found[True]
    assert list(found[False]) == [
        key for key in found[True] if key.count('_') < 2 or key.endswith('_micro')
    ]


def test_annotations_are_kept_only_where_they_are_needed(samples):
    """A test set has thousands of them, which processes would have to exchange."""
    metainfo, packed = samples('wflw')
    kept = []
    for subsets in (None, dict(it=dict(path='a/')), dict(it=dict(field='age', equals=1))):
        metric = METRICS.build(dict(type='FaceAlignmentMetric', subsets=subsets))
        metric.dataset_meta = metainfo
        metric.process(None, [dict(packed[0].to_dict(), raw_ann_info=dict(age=1))])
        kept.append(metric.results[0].annotations)
    assert kept == [[None], [None], [dict(age=1)]]


def test_prefix(samples):
    found = measure(*samples('300w'), prefix='faces', subsets=dict(it=dict(path='synthetic/')))
    assert 'faces/NME_ocular' in found and 'faces/it/NME_ocular' in found


def test_a_face_with_an_undefined_normaliser(samples):
    metainfo, packed = samples('300w')
    packed[2].gt_instances.keypoints_visible[0, 36] = 0
    full = measure(metainfo, packed)
    assert full['undefined_ocular'] == 1 and full['faces'] == FACES
    assert all(np.isfinite(value) for value in full.values())


def test_a_prediction_that_is_not_finite(samples):
    metainfo, packed = samples('wflw')
    packed[3].pred_instances.keypoints[0, 5] = np.nan
    with pytest.raises(ValueError, match=r'000005.jpg, annotation 5, landmarks \[5\]'):
        measure(metainfo, packed)


def best_by_itself(found):
    """The key that MMEngine's hook follows by itself, and whether it takes the first value."""
    hook = CheckpointHook(save_best='auto', rule='less')
    hook._init_rule(hook.rules, [next(iter(found))])
    (key,) = hook.key_indicators
    return key, bool(hook.is_better_than[key](found[key], float('inf')))


def test_no_faces(log):
    for settings, key in (
        (dict(), 'NME_ocular'),
        (dict(normalisers=['box_side', 'pupil']), 'NME_box_side'),
    ):
        found = measure(dict(dataset_name='wflw'), [], **settings)
        assert found == {key: pytest.approx(np.nan, nan_ok=True), 'faces': 0}
        assert best_by_itself(found) == (key, False)
    assert 'There is no face in this test.' in log['warning']
    assert best_by_itself(measure(dict(dataset_name='aflw'), []))[0] == 'NME_box_side'


def test_no_checkpoint_is_the_best_by_labels_that_are_missing(samples, log):
    """Not by the number of undefined faces, which is the same for all checkpoints."""
    metainfo, packed = samples('300w')
    assert best_by_itself(measure(metainfo, packed)) == ('NME_ocular', True)
    for sample in packed:
        sample.gt_instances.keypoints_visible[0, 36] = 0
    found = measure(metainfo, packed, normalisers=['ocular', 'box_tight'])
    assert best_by_itself(found) == ('NME_ocular', False)
    assert found['undefined_ocular'] == FACES and np.isfinite(found['NME_box_tight'])
    (warning,) = log['warning']
    assert "NME_ocular is undefined for every face: what 'ocular' needs is not lab" in warning


@pytest.mark.parametrize('score', [0, np.nan, -np.inf])
def test_faces_in_which_nothing_was_found_are_named(samples, log, score):
    """Heatmaps that are empty or not finite put landmarks at some cell, with finite errors."""
    metainfo, packed = samples('300w')
    for sample in packed[2:4]:
        sample.pred_instances.keypoint_scores[:] = score
    packed[5].pred_instances.keypoint_scores[0, 1:] = score
    found = measure(metainfo, packed)
    assert np.isfinite(found['NME_ocular'])
    (warning,) = log['warning']
    assert f'In 2 of {FACES} faces no landmark has a score above 0: ' in warning
    assert warning.count('annotation') == 2 and 'Check the checkpoint' in warning


def test_tensors_and_samples_without_extras(samples):
    """Some heads give tensors, and a pipeline may pack little."""
    metainfo, packed = samples('300w')
    expected = measure(metainfo, packed, normalisers=['ocular'])
    bare = []
    for sample in packed:
        known, found = sample.gt_instances, sample.pred_instances
        bare.append(
            dict(
                gt_instances=dict(
                    keypoints=torch.tensor(known.keypoints),
                    keypoints_visible=np.stack([known.keypoints_visible] * 2, axis=-1),
                ),
                pred_instances=dict(keypoints=torch.tensor(found.keypoints)),
            )
        )
    assert measure(metainfo, bare, normalisers=['ocular']) == expected
    full = measure(metainfo, bare, normalisers=['ocular', 'box_side'])
    assert full['undefined_box_side'] == FACES and 'NME_box_side' not in full


def test_predictions_that_do_not_fit(samples):
    metainfo, packed = samples('300w')
    packed[0].pred_instances.keypoints = np.zeros((1, 98, 2))
    with pytest.raises(ValueError, match=r'one prediction for each annotated face'):
        measure(metainfo, packed)


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        (dict(normalisers=['iris']), "unknown normaliser 'iris'"),
        (dict(thresholds=[-1]), 'thresholds must be fractions above 0'),
        (dict(percentiles=[-1]), 'percentiles must lie between 0 and 100'),
        (dict(subsets=dict(full=dict(path='a/'))), "cannot be called 'full'"),
        (dict(outfile='faces.pkl'), 'outfile must end in .npz, got faces.pkl'),
        (dict(outfile=5), 'outfile must be the path of an .npz file, got 5'),
        (dict(ann_file=5), 'ann_file must be the path of an annotation file or None, got 5'),
        (dict(occlusion='False'), "occlusion='False' must be True or False"),
        (dict(thresholds=''), "thresholds='' must be a list of numbers"),
        (dict(eyes=(1, 2, 3)), 'eyes must be two landmarks'),
        (dict(parts=dict(visible=[1])), "cannot be called 'visible'"),
        (dict(parts='mouth'), 'parts must be'),
    ],
)
def test_wrong_settings_are_refused_at_once(settings, message):
    with pytest.raises(ValueError, match=message):
        METRICS.build(dict(type='FaceAlignmentMetric', **settings))


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        (dict(eyes=(1, 68)), 'eyes names landmark 68'),
        (dict(parts=dict(a=[99])), "'a' names landmark 99"),
    ],
)
def test_wrong_landmarks_are_refused_with_the_first_face(samples, settings, message):
    metainfo, packed = samples('300w')
    metric = METRICS.build(dict(type='FaceAlignmentMetric', **settings))
    metric.dataset_meta = metainfo
    with pytest.raises(ValueError, match=message):
        metric.process(None, [packed[0].to_dict()])


def test_an_unknown_data_set_needs_its_eyes(samples):
    _, packed = samples('300w')
    with pytest.raises(ValueError, match=r"needs the eyes of dataset 'mine' .* eyes=\(i, j\)"):
        measure(dict(dataset_name='mine'), packed)
    found = measure(dict(dataset_name='mine'), packed, eyes=(36, 45))
    known = measure(dict(dataset_name='300w'), packed, normalisers=['ocular'])
    assert found == known


def test_folders_without_the_right_to_write(tmp_path, monkeypatch):
    monkeypatch.setattr(os, 'access', lambda folder, mode: Path(folder) != tmp_path)
    with pytest.raises(ValueError, match='cannot be written: .* is no folder to write to'):
        METRICS.build(dict(type='FaceAlignmentMetric', outfile=str(tmp_path / 'new' / 'a.npz')))


def test_outfiles_that_cannot_be_written(tmp_path):
    (tmp_path / 'folder.npz').mkdir()
    (tmp_path / 'file').write_text('')
    for path in ('folder.npz', 'file/faces.npz'):
        with pytest.raises(ValueError, match='outfile'):
            METRICS.build(dict(type='FaceAlignmentMetric', outfile=str(tmp_path / path)))


def test_a_file_that_cannot_be_written_in_the_end(samples, tmp_path, log):
    """The table has been printed by then."""
    folder = tmp_path / 'folder'
    folder.mkdir()
    metainfo, packed = samples('300w')
    metric = METRICS.build(
        dict(type='FaceAlignmentMetric', outfile=str(folder / 'faces.npz'), normalisers=['ocular'])
    )
    metric.dataset_meta = metainfo
    metric.process(None, [sample.to_dict() for sample in packed])
    folder.rmdir()
    folder.write_text('no folder any more')
    with pytest.raises(OSError):
        metric.evaluate(len(packed))
    assert '| full   |' in log['info'][0]


def test_a_bad_annotation_file_does_not_cost_the_numbers(samples, tmp_path, log):
    metainfo, packed = samples('cofw')
    expected = measure(metainfo, packed, occlusion=False)
    for sample in packed:
        sample.set_metainfo(dict(raw_ann_info=None))
    path = tmp_path / 'bad.json'
    path.write_text('[]')
    assert measure(metainfo, packed, ann_file=path) == expected
    assert f'{path} is no annotation file' in log['warning'][0]


def test_settings_and_predictions_of_whole_numbers_are_read_back(samples, tmp_path):
    metainfo, packed = samples('300w')
    for sample in packed:
        sample.pred_instances.keypoints = sample.pred_instances.keypoints.round().astype(int)
        sample.gt_instances.bboxes = sample.gt_instances.bboxes.astype(int)
    whole = dict(eyes=tuple(np.array([36, 45])), parts=dict(chin=np.array([7, 8, 9])))
    outfile = tmp_path / 'faces.npz'
    found = measure(metainfo, packed, **whole, normalisers=['ocular'], outfile=outfile)
    loaded = Predictions.load(outfile)
    assert loaded.scheme.parts == dict(chin=(7, 8, 9))
    assert evaluate(loaded, ['ocular'], parts=True)['full'] == found
