"""The command that measures size and time after the network."""

import json

import pytest
import torch

from projects.gaussian_vector.cost.__main__ import main
from projects.gaussian_vector.cost.measurement import HEATMAPS, NETWORK, VECTORS, Cost, work_on
from projects.gaussian_vector.cost.table import table


def test_sizes_of_table_9():
    work = work_on(torch.rand(2, 68, 64, 64))
    sizes = {(output, size) for output, _, size, _ in work}
    # 4 bytes for each number of (68, 64, 64) and of (68, 64, 2).
    assert sizes == {(HEATMAPS, 1114112), (VECTORS, 34816), (NETWORK, 1114112)}


def test_decoders_find_all_landmarks():
    work = work_on(torch.rand(2, 5, 8, 8))
    for output, label, _, call in work:
        if label != 'maxima only' and output != NETWORK:
            landmarks, _ = call()
            assert [each.shape for each in landmarks] == [(1, 5, 2)] * 2, label


def test_the_command_writes_numbers_and_table(tmp_path, capsys):
    out = tmp_path / 'costs' / 'cost.json'
    threads = torch.get_num_threads()
    words = ['--sizes', '4', '8', '--batches', '2', '--landmarks', '3', '--turns', '1']
    assert main([*words, '--out', str(out)]) == 0
    assert torch.get_num_threads() == threads
    content = json.loads(out.read_text())
    assert content['command'].startswith('python -m projects.gaussian_vector.cost --sizes 4 8')
    assert [each['size'] for each in content['results']] == [8] * 8 + [4] * 8
    assert all(each['ms_per_face'] > 0 for each in content['results'])
    text = out.with_suffix('.md').read_text()
    assert text in capsys.readouterr().out
    assert '| 2x4 | vectors | exact | 96 |' in text, '3 landmarks, 8 numbers of 4 bytes'
    assert 'transmission, not measured here' in text


def test_ratios_are_to_two_hot_of_the_same_size_and_batch():
    costs = [
        Cost(size, batch, output, work, 10, ms, ms, ms, 5)
        for size, batch, output, work, ms in (
            (8, 1, HEATMAPS, 'two-hot', 2.0),
            (8, 1, VECTORS, 'exact', 1.0),
            (8, 4, HEATMAPS, 'two-hot', 0.5),
            (8, 4, VECTORS, 'exact', 1.0),
        )
    ]
    facts = dict(landmarks=3, hardware=dict(device='CPU', threads='1'), date='2030-01-02T03')
    lines = table(costs, dict(facts, versions=dict(torch='2'))).splitlines()
    assert lines[3] == (
        '| 2x8 | vectors | exact | 10 | 1.0000 (1.0000 to 1.0000) | 0.50 | '
        '1.0000 (1.0000 to 1.0000) | 2.00 |'
    )


@pytest.mark.parametrize('words', [['--sizes', '2'], ['--batches', '0'], ['--turns', '0']])
def test_mistakes_are_explained(capsys, words):
    assert main(words) == 2
    assert f'{words[0]} must be at least' in capsys.readouterr().err
