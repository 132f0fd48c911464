from dataclasses import replace

import cv2
import numpy as np
import pytest
from benchmark_samples import benchmark, numbers, predictions

from mmpose_multilat.analysis.benchmarking import figures
from mmpose_multilat.analysis.benchmarking.records import Result
from mmpose_multilat.evaluation import evaluate

SETTINGS = dict(normalisers=['ocular'], thresholds=[0.1])


@pytest.fixture
def folder(tmp_path):
    for label, shift in (('one-hot', 4.0), ('POPoS', 1.0)):
        predictions(shift).save(tmp_path / 'predictions' / f'{label}_False.npz')
    return tmp_path


@pytest.fixture
def faces():
    results = [
        Result(label, False, f'predictions/{label}_False.npz', evaluate(found, **SETTINGS))
        for label, found in (('one-hot', predictions(4.0)), ('POPoS', predictions(1.0)))
    ]
    return benchmark(results=results, dataset='300w', faces=3, faces_of_test_set=3)


def test_figures_without_pictures(folder, faces, capsys):
    written = figures.draw_figures(faces, folder)
    assert [path.name for path in written] == [
        'nme_by_decoder.png',
        'ced_full.png',
        'ced_common.png',
    ]
    assert all(cv2.imread(str(path)) is not None for path in written)
    assert 'images are not where they were' in capsys.readouterr().out


def test_no_page_of_worst_faces_without_a_defined_error(folder, faces, capsys):
    found = predictions()
    found.true[:, 36] = found.true[:, 45]
    found.save(folder / 'predictions' / 'POPoS_False.npz')
    own = replace(faces, results=[replace(faces.results[1], metrics={'full': numbers(0.04)})])
    figures._draw_worst(own, 'POPoS', found, folder)
    assert 'worst faces: ocular is undefined for every face' in capsys.readouterr().out


def test_worst_faces_of_the_own_decoder(tmp_path, faces, monkeypatch):
    errors = np.array([1.0, 9.0, 5.0])
    for label, shift in (('one-hot', errors[::-1]), ('POPoS', errors)):
        found = predictions()
        images = [str(tmp_path / f'{face}.png') for face in range(3)]
        predicted = found.true + shift[:, None, None] * (1, 0)
        found = replace(found, images=images, predicted=predicted)
        found.save(tmp_path / 'predictions' / f'{label}_False.npz')
    for path in images[:2]:  # the third is not there
        cv2.imwrite(path, np.full((200, 200, 3), 128, np.uint8))
    shown = {}
    page = np.zeros((8, 8, 3), np.uint8)
    monkeypatch.setattr(
        figures, 'worst_faces_page', lambda *words: shown.update(words=words) or page
    )
    assert (tmp_path / 'worst_faces.png') in figures.draw_figures(faces, tmp_path)
    _, predicted, true, captions, title = shown['words']
    assert captions == ['9.0 %  1.png', '1.0 %  0.png']
    np.testing.assert_allclose(predicted[0] - true[0], np.tile((9.0, 0.0), (68, 1)))
    assert title.startswith('Largest NME_ocular: POPoS')


def small(size, nme, config, flip=False):
    results = [Result('POPoS', flip, '', {'full': numbers(nme)})]
    gflops = replace(benchmark().complexity, gflops=size / 8)
    return benchmark(config=config, heatmap_size=(size, size), results=results, complexity=gflops)


def test_panels_hold_sizes_and_operations_of_all_passes():
    group = [
        small(8, 0.08, 'a_b_c_wflw-256x256-hm8.py'),
        small(16, 0.04, 'a_b_c_wflw-256x256-hm16.py'),
        small(16, 0.05, 'a_b_c_wflw-256x256-hm16.py', flip=True),
    ]
    assert figures._panels(group, 'NME_ocular', by_operations=False) == {
        'without flip test': {'POPoS': {8.0: 0.08, 16.0: 0.04}},
        'with flip test': {'POPoS': {16.0: 0.05}},
    }
    assert figures._panels(group, 'NME_ocular', by_operations=True) == {
        'without flip test': {'POPoS': {1.0: 0.08, 2.0: 0.04}},
        'with flip test': {'POPoS': {4.0: 0.05}},
    }


def test_series_get_lines_of_their_own():
    group = [small(8, 0.08, f'{name}_wflw-256x256-hm8.py') for name in ('one', 'other')]
    panels = figures._panels(group, 'NME_ocular', by_operations=False)
    assert list(panels['without flip test']) == ['POPoS, one', 'POPoS, other']


def test_only_benchmarks_of_one_test_set_share_a_figure(tmp_path):
    group = [small(8, 0.08, 'a_wflw-256x256-hm8.py'), small(16, 0.04, 'a_wflw-256x256-hm16.py')]
    other = replace(group[0], faces=100)
    written = figures.draw_joint_figures([*group, other], tmp_path)
    assert [path.name for path in written] == [
        'nme_by_heatmap_size_face_landmarks_wflw_test_2500_ocular.png',
        'nme_by_gflops_face_landmarks_wflw_test_2500_ocular.png',
    ]
    assert all(cv2.imread(str(path)) is not None for path in written)
    assert figures.draw_joint_figures([group[0], other], tmp_path) == []
