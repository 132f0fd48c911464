"""Tables and plot of results that were made by hand."""

import cv2
import pytest
from example_study import HARDWARE

from mmpose_multilat.analysis import Complexity
from projects.frontier import plot, selection, tables
from projects.frontier.networks import BUDGETS, NETWORKS
from projects.frontier.plan import run_named
from projects.frontier.references import PUBLISHED, Reference, fast_hrnets
from projects.frontier.report import write_report
from projects.frontier.selection import Setting
from projects.study.records import add_records
from projects.study.results import make_record
from projects.study.summary import Summary

FAST_HRNET = Reference(4, Complexity(0.5, 0.02), Summary(0.05, None, 1))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Networks need half of their budget, nothing is counted."""
    for module in (tables, plot):
        monkeypatch.setattr(
            module, 'complexity_by_name', lambda name: Complexity(1, NETWORKS[name].budget / 2)
        )
        monkeypatch.setattr(module, 'fast_hrnets', lambda: [FAST_HRNET])


def write(folder, name, nme, epochs=12):
    """A result."""
    measured = dict(
        nme=dict(GaussianMLE=nme, KeyPosS=0.9),
        hardware=HARDWARE,
        versions=dict(torch='2'),
        commit=None,
        date='2030-01-02T03:04:05',
        starts=1,
        faces=348,
        train_seconds=600,
        decode_seconds=30,
    )
    add_records([make_record(run_named(name, epochs), **measured)], folder / f'ytf68_{epochs}e')


@pytest.fixture
def results(tmp_path):
    """Two seeds of a network, options with one and two of them, and a longer training."""
    write(tmp_path, 'px64_hm16_w1_seed0', 0.04)
    write(tmp_path, 'px64_hm16_w1_seed1', 0.06)
    write(tmp_path, 'px64_hm16_w1_ema_seed0', 0.03)
    write(tmp_path, 'px64_hm16_w1_jitter_seed0', 0.05)
    write(tmp_path, 'px64_hm16_w1_jitter_seed1', 0.07)
    write(tmp_path, 'px160_hm20_w1_ema_jitter_seed0', 0.02)
    write(tmp_path, 'px64_hm16_w1_seed0', 0.025, epochs=30)
    found = selection.results_below(tmp_path)
    assert len(found) == 7
    return found


def test_networks_by_their_operations(results):
    lines = tables.frontier_table(results).splitlines()
    assert lines[0].endswith('| parameters (M) | GFLOPs | 12 epochs | 30 epochs |')
    assert lines[2] == (
        '| px64_hm16_w1 | 64x64 | 16x16 | 1.00 | 0.015 | 5.00 ± 1.41 (n = 2) | 2.50 (n = 1) |'
    )
    assert '| FastHRNet | 256x256 | 4x4 | 0.50 | 0.020 | 5.00 (n = 1) | not measured |' in lines
    costs = [float(line.split(' | ')[4]) for line in lines[2:]]
    assert costs == sorted(costs) and len(costs) == len(NETWORKS) + 1


def test_targets_stand_beside_the_best(results):
    lines = tables.target_table(results).splitlines()[2:]
    assert lines[0] == (
        '| 0.03 | 4.2 | 3.00 (n = 1): px64_hm16_w1, ema, 12 epochs '
        '| 3.6 | 2.50 (n = 1): px64_hm16_w1, plain, 30 epochs |'
    )
    assert lines[1] == '| 0.07 | 3.7 | not measured | 3.1 | not measured |'
    assert '2.00 (n = 1): px160_hm20_w1, ema, jitter, 12 epochs' in lines[2]
    assert len(lines) == len(BUDGETS)


def test_factors_are_compared_with_the_same_seeds(results):
    rows = {line.split(' | ')[0][2:]: line for line in tables.factor_table(results, 12).split('\n')}
    assert rows['recipe'] == '| recipe | px64_hm16_w1 | px96_hm24_w1 | px160_hm20_w1 |'
    # EMA against seed 0 alone, 3 of 4; boxes against both seeds, 12 of 10.
    assert '| 3.00 (n = 1) [-25.0 %] |' in rows['ema']
    assert '| 6.00 ± 1.41 (n = 2) [+20.0 %] |' in rows['jitter']
    assert rows['plain'].startswith('| plain | 5.00 ± 1.41 (n = 2) | not measured |')
    assert rows['ema, jitter'].endswith('| 2.00 (n = 1) |'), 'nothing to compare it with'
    assert rows['anchors40'].count('not measured') == 3


def test_no_change_without_common_seeds(results):
    plain = Setting('px96_hm24_w1', (), 12)
    assert selection.change(results, plain._replace(options=('ema',)), plain) is None


def test_published_results_are_of_another_table():
    text = tables.published_table()
    assert 'NME on WFLW' in text and text.count('\n') == 1 + len(PUBLISHED)
    assert '| H3R, MobileNetV2 128 px | 32x32 | 0.60 | 0.13 | 4.72 |' in text


def test_the_page_has_all_lengths_and_is_the_same_whoever_writes_it(results, tmp_path):
    page, picture = write_report([], tmp_path / 'ytf68_30e', 30, 'one command')
    text = page.read_text()
    assert page.parent == tmp_path
    for words in (
        '12 epochs:',
        '30 epochs:',
        '--epochs 12',
        '--epochs 30',
        '* 30 epochs, batch 32',
    ):
        assert words in text, words
    assert cv2.imread(str(picture)).std() > 5, 'an empty picture'
    write_report(results, tmp_path / 'ytf68_12e', 12, 'another command')
    assert page.read_text() == text


def test_the_page_without_results(tmp_path):
    page, _ = write_report([], tmp_path / 'ytf68_12e', 12, 'command')
    assert 'no results yet' in page.read_text()


def test_results_of_fast_hrnet_are_those_of_the_other_study(monkeypatch):
    monkeypatch.setattr('projects.frontier.references._fast_hrnet', lambda size: Complexity(1, 1))
    found = {each.size: each.nme for each in fast_hrnets()}
    assert {size: round(100 * found[size].mean, 2) for size in (16, 8, 4)} == {
        16: 3.18,
        8: 4.48,
        4: 5.47,
    }
    assert found[16].count == 3
