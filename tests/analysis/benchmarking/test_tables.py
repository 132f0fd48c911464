import csv

from benchmark_samples import benchmark, numbers

from mmpose_multilat.analysis.benchmarking.records import Result
from mmpose_multilat.analysis.benchmarking.tables import markdown, write_csv


def cells(text):
    lines = [line for line in text.splitlines() if line.startswith('|') and '---' not in line]
    return [[cell.strip() for cell in line.strip('|').split('|')] for line in lines]


def test_all_tables():
    rows = cells(markdown(benchmark()))
    assert rows[:5] == [
        ['decoder', 'flip test', 'NME %', 'FR@0.10 %', 'AUC@0.10 %', 'ms per face'],
        ['one-hot', 'off', '8.00', '4.00', '92.00', '0.250'],
        ['one-hot', 'on', '7.00', '3.50', '93.00', '0.250'],
        ['POPoS †', 'off', '4.00', '2.00', '96.00', '0.500'],
        ['POPoS', 'on', '5.00', '2.50', '95.00', '0.500'],
    ]
    assert rows[5:7] == [
        ['decoder', 'flip test', 'full (2500)', 'pose (326)'],
        ['one-hot', 'off', '8.00', '16.00'],
    ]
    assert rows[13] == ['POPoS †', 'off', '2.00', '3.00']  # failure rates
    assert rows[18] == ['POPoS †', 'off', '96.00', '94.00']  # areas
    assert len(rows) == 20


def test_the_circumstances():
    text = markdown(benchmark(faces=100))
    assert '100 of 2500 faces of face_landmarks_wflw_test.json (landmarks of wflw)' in text
    assert '64x64 heatmaps of a 256x256 input' in text
    assert '9.74 M parameters, 4.750 GFLOPs' in text
    assert '10.00 ms per face, with flip test (two passes) 20.00 ms' in text
    assert 'median of 7 on CPU (Abacus), 2 threads, batches of 32' in text
    assert '2026-01-02T03:04:05+00:00: `python -m mmpose_multilat.tools.benchmark' in text


def test_what_is_undefined_is_said():
    metrics = {'full': numbers(0.04, undefined_ocular=3), 'empty': dict(faces=0)}
    text = markdown(benchmark(results=[Result('POPoS', False, '', metrics)]))
    assert '3 faces for which this is undefined are left out.' in text
    assert cells(text)[3] == ['POPoS †', 'off', '4.00', '-']


def test_csv(tmp_path):
    write_csv(benchmark(), tmp_path / 'table.csv')
    with (tmp_path / 'table.csv').open() as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 4 * 2
    line = lines[5]
    assert (line['decoder'], line['flip_test'], line['subset']) == ('POPoS', 'off', 'pose')
    assert (float(line['NME_ocular']), int(line['faces'])) == (0.06, 326)
    assert (line['own'], float(line['network_ms_per_face'])) == ('True', 10)
    assert float(line['decoder_ms_per_face']) == 0.5
    assert float(lines[2]['network_ms_per_face']) == 20
