"""The tool from its command line to its files, and a guard on the ratios themselves."""

import json
import re

import pytest
import torch

from mmpose_multilat.analysis import time_in_turns
from mmpose_multilat.analysis.benchmarking.decode_subjects import (
    REFERENCE,
    decode_subjects,
    make_heatmaps,
)
from mmpose_multilat.tools import benchmark_decode

GUARDS = {
    'OneHot': 1.0,
    'KeyPosS': 1.0,
    'Dark': 2.0,
    'POPoS grid': 1.5,
    'POPoS exact': 1.5,
    'GaussianMLE': 3.0,
}
"""Largest times at 64x64 in units of `flatten(2).max(-1)`."""

SLACK = 2.0
ATTEMPTS = 4


def run(tmp_path, *words):
    small = ['--sizes', '8', '4', '--batches', '1', '2', '--landmarks', '5', '--turns', '2']
    return benchmark_decode.main([*small, '--out', str(tmp_path), *words])


def test_everything_is_written(tmp_path, capsys):
    threads = torch.get_num_threads()
    assert run(tmp_path, '--threads', '1') == 0
    printed = capsys.readouterr().out
    assert (
        re.search(r'\| 8x8 +\| +ms per face, batch 1 \| +ratio \|', printed)
        and '5 landmarks' in printed
    )
    record = json.loads((tmp_path / 'decode.json').read_text())
    assert record['hardware']['threads'] == '1' and torch.get_num_threads() == threads
    command = 'python -m mmpose_multilat.tools.benchmark_decode --sizes 8 4'
    assert record['command'].startswith(command)
    rows = record['decoding']
    assert {(row['size'], row['batch']) for row in rows} == {(8, 1), (8, 2), (4, 1), (4, 2)}
    assert {row['kind'] for row in rows} == {'floor', 'ours', 'stock'}
    assert all(row['ratio'] == 1 for row in rows if row['label'] == REFERENCE)
    assert all(row['extra_memory'] > 0 for row in rows if row['kind'] != 'floor')
    assert len(record['encoding']) == 4
    assert (tmp_path / 'decode.md').read_text().count('\n| KeyPosS ') == 2
    assert (tmp_path / 'decode.png').stat().st_size > 1000


@pytest.mark.parametrize(
    'words, message',
    [
        (['--sizes', '3'], '--sizes 3 must be at least 4'),
        (['--batches', '0'], '--batches 0 must be at least 1'),
        (['--threads', '0'], '--threads 0 must be at least 1'),
        (['--turns', '-1'], '--turns -1 must be at least 1'),
        (['--device', 'abacus'], '--device abacus: '),
    ],
)
def test_mistakes_are_named(tmp_path, capsys, words, message):
    assert run(tmp_path, *words) == 2
    assert message in capsys.readouterr().err


def test_folder_that_is_a_file(tmp_path, capsys):
    (tmp_path / 'file').write_text('')
    assert run(tmp_path / 'file') == 2
    assert 'cannot be a folder' in capsys.readouterr().err


@pytest.mark.skipif(torch.cuda.is_available(), reason='needs a machine without a CUDA GPU')
def test_missing_gpu_is_named(tmp_path, capsys):
    assert run(tmp_path, '--device', 'cuda') == 2
    assert '--device cuda: ' in capsys.readouterr().err


def slow_decoders():
    """Decoders that take more than twice their target."""
    subjects = decode_subjects(make_heatmaps(8, 98, 64, 'cpu'))
    subjects = [each for each in subjects if each.label == REFERENCE or each.label in GUARDS]
    timings = time_in_turns(subjects, 9, lambda: None)
    ms = {subject.label: timing.ms for subject, timing in zip(subjects, timings)}
    ratios = {label: ms[label] / ms[REFERENCE] for label in GUARDS}
    return {label: ratio for label, ratio in ratios.items() if ratio > SLACK * GUARDS[label]}


def test_no_decoder_is_twice_as_slow_as_its_target():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # two threads wait for each other on a busy machine
    try:
        with torch.no_grad():
            slow = {}
            for _ in range(ATTEMPTS):  # a machine may be disturbed, a decoder is slow every time
                slow = slow_decoders()
                if not slow:
                    break
    finally:
        torch.set_num_threads(threads)
    assert not slow
