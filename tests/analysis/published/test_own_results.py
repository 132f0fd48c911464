from dataclasses import replace
from pathlib import Path

import pytest
from benchmark_samples import benchmark, numbers, predictions, timing

from mmpose_multilat.analysis import Complexity
from mmpose_multilat.analysis.benchmarking.records import DecoderRecord, Result
from mmpose_multilat.analysis.published import PAPERS, Column, load_paper
from mmpose_multilat.analysis.published.official import left_out, official_subset
from mmpose_multilat.analysis.published.own_results import own_rows

TABLES = {table.id: table for name in PAPERS for table in load_paper(name).tables}
SERIES = 'popos_hrnetv2-w18_4xb32-100e'


def rows(table_id, *benchmarks, decoders=(), folder=Path('nowhere')):
    pairs = [(folder, each) for each in benchmarks]
    return {row.label: row for row in own_rows(TABLES[table_id], pairs, decoders)}


def of_300w(faces=689, nme=0.03, **changes):
    metrics = {'full': {**numbers(nme, faces), 'NME_pupil': 1.4 * nme}}
    return benchmark(
        config='popos_hrnetv2-w18_4xb32-100e_300w-256x256-hm64.py',
        dataset='300w',
        annotations='face_landmarks_300w_valid.json',
        faces=faces,
        faces_of_test_set=faces,
        results=[Result('POPoS', False, 'predictions/POPoS.npz', metrics)],
        **changes,
    )


def test_two_data_sets_share_the_row_of_their_series():
    ((label, row),) = rows('popos.table_1', benchmark(), of_300w()).items()
    assert label == f'POPoS, 64x64, {SERIES}, flip test off'
    assert row.values == {
        'wflw': [pytest.approx(4.0)],
        '300w': [pytest.approx(3.0)],
        'params_m': [9.74],
        'gflops': [4.75],
    }


def test_subsets_failure_rate_and_area_in_the_unit_of_the_table():
    assert rows('rht.table_4', benchmark())[f'POPoS, 64x64, {SERIES}, flip test off'].values == {
        'test': [pytest.approx(4.0)],
        'pose': [pytest.approx(6.0)],
    }
    (row,) = rows('gaussian_vector.table_3_fr_10', benchmark()).values()
    assert row.values['pose'] == [pytest.approx(3.0)]
    (row,) = rows('gaussian_vector.table_3_auc_10', benchmark()).values()
    assert row.values['pose'] == [pytest.approx(0.94)]


def test_one_row_for_each_normaliser_of_the_table():
    found = rows('rht.table_1', of_300w())
    assert {label.rsplit(', ', 1)[1]: row.values for label, row in found.items()} == {
        'inter-ocular': {'full': [pytest.approx(3.0)]},
        'inter-pupil': {'full': [pytest.approx(4.2)]},
    }


def test_other_faces_of_the_same_format_stay_out():
    other = of_300w(faces=348)
    assert rows('popos.table_1', other) == {}
    (sentence,) = left_out(TABLES['popos.table_1'], [(Path('x'), other)])
    assert '348 faces of face_landmarks_300w_valid.json are not the official test set' in sentence
    assert left_out(TABLES['popos.table_1'], [(Path('x'), of_300w())]) == []
    assert left_out(TABLES['rht.table_5'], [(Path('x'), other)]) == []


def test_the_private_set_of_300w_is_known_by_its_faces():
    (row,) = rows('lcgcn.table_2', of_300w(faces=600)).values()
    assert row.values == {'auc_10': [pytest.approx(0.97)], 'fr_10': [pytest.approx(1.5)]}


@pytest.mark.parametrize(('faces', 'official'), [(1314, 1), (1165, 1), (1300, 0)])
def test_both_counts_of_the_frontal_faces_of_aflw_are_official(faces, official):
    metrics = {'full': dict(faces=1), 'frontal': dict(faces=faces, NME_box_side=0.01)}
    found = benchmark(dataset='aflw', results=[Result('POPoS', False, '', metrics)])
    column = Column('frontal', 'frontal', 'percent', dataset='aflw', subset='frontal')
    assert (official_subset(column, found, found.results[0]) == 'frontal') == official


def test_coco_wholebody_needs_the_whole_official_file():
    def coco(**changes):
        result = Result('POPoS', False, '', {'full': numbers(0.05, 99)})
        facts = dict(dataset='coco_wholebody_face', faces=99, faces_of_test_set=99)
        file = 'coco_wholebody_val_v1.0.json'
        return benchmark(**{**facts, 'annotations': file, 'results': [result], **changes})

    (row,) = rows('keyposs.table_5', coco()).values()
    assert row.values == {'coco_wholebody_face_64x64': [pytest.approx(5.0)]}
    assert rows('keyposs.table_5', coco(annotations='other.json')) == {}
    assert rows('keyposs.table_5', coco(faces_of_test_set=100)) == {}


def test_decoders_by_heatmap_size():
    small = benchmark(config=f'{SERIES}_wflw-256x256-hm8.py', heatmap_size=(8, 8))
    found = rows('keyposs.table_5', benchmark(), small)
    assert len(found) == 4
    row = found[f'one-hot (unbiased), {SERIES}, flip test on']
    assert row.values == {'wflw_64x64': [pytest.approx(7.0)], 'wflw_8x8': [pytest.approx(7.0)]}
    assert len(rows('keyposs.table_5', benchmark(), decoders=['POPoS'])) == 2


def test_windows_of_keyposs():
    labels = {2: 'KeyPosS', 3: 'KeyPosS kernel_size=3'}
    decoders = [
        DecoderRecord(label, 'KeyPosS', dict(kernel_size=size), size == 2, timing(1))
        for size, label in labels.items()
    ]
    results = [
        Result(label, False, '', {'full': numbers(size / 100)}) for size, label in labels.items()
    ]
    ((label, row),) = rows('keyposs.table_4', benchmark(decoders=decoders, results=results)).items()
    assert label == f'KeyPosS, 64x64, {SERIES}, flip test off'
    assert row.values == {'2x2': [pytest.approx(2.0)], '3x3': [pytest.approx(3.0)]}


def test_complexity_by_heatmap_size():
    small = benchmark(heatmap_size=(8, 8), complexity=Complexity(2.8, 0.07))
    found = rows('keyposs.table_6', benchmark(), small)
    assert {label.rsplit(', ', 1)[1]: row.values for label, row in found.items()} == {
        'GFLOPs': {'64x64': [4.75], '8x8': [0.07]},
        'parameters (M)': {'64x64': [9.74], '8x8': [2.8]},
    }


def test_speed_is_marked_as_that_of_other_hardware():
    found = rows('popos.table_2', benchmark(), benchmark(heatmap_size=(8, 8)))
    assert list(found) == [f'{name}, {SERIES}, 98 landmarks' for name in ('one-hot', 'POPoS')]
    row = found[f'POPoS, {SERIES}, 98 landmarks']
    assert row.values == {'fps': [2000], 'cost_ms': [0.5]}
    assert row.notes[0].startswith('not comparable: other hardware (CPU (Abacus), 2 thread(s)')


def test_several_checkpoints_of_a_config_are_all_shown():
    (row,) = rows('popos.table_1', of_300w(), of_300w(nme=0.04), of_300w()).values()
    assert row.values['300w'] == [pytest.approx(3.0), pytest.approx(4.0)]


def test_missing_numbers_come_from_the_predictions(tmp_path):
    predictions(shift=3.5, faces=600).save(tmp_path / 'predictions' / 'POPoS.npz')
    bare = of_300w(faces=600)
    bare = replace(bare, results=[replace(bare.results[0], metrics={'full': dict(faces=600)})])
    (row,) = rows('lcgcn.table_2', bare, folder=tmp_path).values()
    # Every landmark is 3.5 px off over 100 px between the eyes.
    assert row.values == {'auc_10': [pytest.approx(0.65)], 'fr_10': [0]}


def test_faces_without_a_distance_are_mentioned():
    metrics = {'full': numbers(0.04, undefined_ocular=2)}
    (row,) = rows(
        'popos.table_1', benchmark(results=[Result('POPoS', False, '', metrics)])
    ).values()
    assert row.notes == [
        '2 faces of face_landmarks_wflw_test.json without a defined ocular distance left out'
    ]


@pytest.mark.parametrize('table_id', ['keyposs.table_1', 'keyposs.table_2', 'rht.table_5'])
def test_tables_that_a_benchmark_cannot_fill(table_id):
    assert rows(table_id, benchmark(), of_300w()) == {}
