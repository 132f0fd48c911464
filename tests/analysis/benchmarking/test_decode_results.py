import json

import cv2

from mmpose_multilat.analysis.benchmarking.decode_results import (
    DecodeResult,
    EncodeResult,
    as_record,
    decode_table,
    draw_ratios,
    encode_table,
)

RESULTS = [
    DecodeResult('flatten.max', 'floor', 8, 1, 0.5, 0.4, 0.6, 9, 1.0, 0.0),
    DecodeResult('KeyPosS', 'ours', 8, 1, 0.25, 0.2, 0.3, 9, 0.5, 0.125),
    DecodeResult('flatten.max', 'floor', 8, 4, 0.125, 0.1, 0.2, 9, 1.0, 0.0),
    DecodeResult('KeyPosS', 'ours', 8, 4, 0.0625, 0.05, 0.07, 9, 0.5, 0.25),
    DecodeResult('KeyPosS', 'ours', 4, 4, 0.03, 0.02, 0.04, 9, 2.0, None),
]
ENCODING = [EncodeResult('biased', 64, 0.05, 1.5, 30.0)]


def cells(table):
    """The cells of the rows of a table, without the rule below the heading."""
    lines = table.splitlines()
    return [
        [cell.strip() for cell in line.strip('|').split('|')] for line in lines if '--' not in line
    ]


def test_decode_table_by_hand():
    assert cells(decode_table(RESULTS, 8)) == [
        ['8x8', 'ms per face, batch 1', 'ratio', 'ms per face, batch 4', 'ratio', 'memory'],
        [
            *('flatten.max', '0.5000 (0.4000 to 0.6000)', '1.00'),
            *('0.1250 (0.1000 to 0.2000)', '1.00', '0.00'),
        ],
        [
            *('KeyPosS', '0.2500 (0.2000 to 0.3000)', '0.50'),
            *('0.0625 (0.0500 to 0.0700)', '0.50', '0.25'),
        ],
    ]
    assert cells(decode_table(RESULTS, 4))[-1][1:] == ['0.0300 (0.0200 to 0.0400)', '2.00', '']


def test_encode_table_by_hand():
    assert cells(encode_table(ENCODING))[-1] == ['64x64 biased', '0.050', '1.50', '30']


def test_record_survives_json():
    record = as_record(dict(date='today'), RESULTS, ENCODING)
    again = json.loads(json.dumps(record))
    assert again == record
    assert again['decoding'][1]['ratio'] == 0.5 and again['encoding'][0]['speedup'] == 30


def test_chart_has_a_panel_for_every_size(tmp_path):
    draw_ratios(RESULTS, 4, tmp_path / 'both.png', 'title')
    draw_ratios(RESULTS[:4], 4, tmp_path / 'one.png', 'title')
    both, one = (cv2.imread(str(tmp_path / name)) for name in ('both.png', 'one.png'))
    assert both.shape[1] > one.shape[1] > 100
    assert both.std() > 10
