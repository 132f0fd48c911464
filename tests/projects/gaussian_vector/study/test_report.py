"""Tables and plots of results that were made by hand."""

import cv2
import pytest
from example_study import HARDWARE

from projects.gaussian_vector.study.box import box_table, box_text
from projects.gaussian_vector.study.definition import VECTORS
from projects.gaussian_vector.study.options import run_named
from projects.gaussian_vector.study.plots import ablation_panels, convergence_panels
from projects.gaussian_vector.study.report import write_report
from projects.gaussian_vector.study.tables import (
    bandwidth_table,
    convergence_table,
    main_table,
    theta_table,
    unrounded_table,
)
from projects.study.records import add_records
from projects.study.results import make_record, read_results

NOT = 'not measured'


def write(folder, name, nme, epochs=12, **more):
    """A result with these errors."""
    measured = dict(
        nme=nme,
        hardware=HARDWARE,
        versions=dict(torch='2'),
        commit=None,
        date='2030-01-02T03:04:05',
        starts=1,
        faces=348,
        train_seconds=600,
        decode_seconds=30,
        **more,
    )
    add_records([make_record(run_named(name, epochs), **measured)], folder)


def row(padding, decoder, tau, nme, outside):
    return dict(padding=padding, decoder=decoder, tau=tau, nme=nme, nme_outside=outside)


@pytest.fixture
def results(tmp_path):
    """Heatmaps taken from elsewhere, the paper with two seeds, ablations, a shrunk box."""
    write(tmp_path, 'heatmap_hm16_seed0', {'one-hot': 0.07, 'two-hot': 0.05, 'KeyPosS': 0.04})
    for seed, error in ((0, 0.08), (1, 0.12)):
        write(
            tmp_path,
            f'paper_hm16_seed{seed}',
            dict(own=0.03, none=0.06, quarter=error, exact=0.02),
            nme_by_epoch=[dict(epoch=1, nme=0.5), dict(epoch=12, nme=0.03 + seed / 100)],
            decoding=[row(0.9, 'quarter', None, 0.2, 0.4), row(0.9, 'quarter', 2.0, 0.1, 0.3)],
            boxes=[dict(padding=0.9, outside=0.17, height=2.0)],
        )
    write(tmp_path, 'paper-theta-0_hm16_seed0', dict(quarter=0.11, exact=0.10))
    write(tmp_path, 'paper-bandwidths-7_hm16_seed0', dict(quarter=0.13, exact=0.12))
    rows = [row(0.9, 'KeyPosS', tau, 0.06, 0.09) for tau in (None, 1.0)]
    write(tmp_path, 'heatmap-padding-0.9_hm16_seed0', {'two-hot': 0.01}, decoding=rows)
    found, stale = read_results(tmp_path, VECTORS.run_of)
    assert len(found) == 6 and stale == []
    return found


def test_main_table(results):
    lines = main_table(results).splitlines()
    assert lines[0] == '| training | decoder | 16x16 | published (300W) |'
    assert '| heatmap | two-hot (a quarter of a cell) | 5.00 (n = 1) | 3.42 |' in lines
    assert f'| heatmap | GaussianMLE | {NOT} | - |' in lines
    # 8 and 12: mean 10, root of 8.
    assert '| Gaussian Vector | quarter of a cell | 10.00 ± 2.83 (n = 2) | 3.14 |' in lines
    rule = 'quarter of a cell, rule with tau 2'
    assert f'| Gaussian Vector | {rule} | 3.00 ± 0.00 (n = 2) | - |' in lines
    assert f'| Gaussian Vector, labels not rounded | exact | {NOT} | - |' in lines
    assert not any('norm loss' in line for line in lines), 'no part of the default plan'


def test_ablation_tables(results):
    both = '10.00 ± 2.83 (n = 2)'
    theta = theta_table(results, 16).splitlines()
    assert theta[2] == f'| 0 | {NOT} | 11.00 (n = 1) | 10.00 (n = 1) | {NOT} | 3.32 |'
    assert theta[3] == f'| 1 | {" | ".join([NOT] * 4)} | 3.23 |'
    assert theta[5].startswith(f'| 3 | 6.00 ± 0.00 (n = 2) | {both} |')
    width = bandwidth_table(results, 16).splitlines()
    assert width[2] == f'| 1 | {" | ".join([NOT] * 4)} | 3.94 |'
    assert width[5] == f'| 7 | {NOT} | 13.00 (n = 1) | 12.00 (n = 1) | {NOT} | 3.38 |'
    assert width[6].startswith(f'| 3 and 5 | 6.00 ± 0.00 (n = 2) | {both} |')
    assert width[6].endswith('| 3.14 |')


def test_labels_that_are_not_rounded(results, tmp_path):
    without, *_ = write_report(results, tmp_path / 'without', 12, 'command')
    assert 'by bandwidth and theta' not in without.read_text()
    errors = dict(none=0.3, quarter=0.2, exact=0.1)
    write(tmp_path, 'unrounded-bandwidths-1-theta-0_hm16_seed0', errors)
    results, _ = read_results(tmp_path, VECTORS.run_of)
    lines = unrounded_table(results, 16).splitlines()
    assert lines[2] == f'| 3 and 5 | 3 | {" | ".join([NOT] * 3)} |'
    assert lines[5] == '| 1 | 0 | 30.00 (n = 1) | 20.00 (n = 1) | 10.00 (n = 1) |'
    page, *_ = write_report(results, tmp_path / 'with', 12, 'command')
    assert '\n'.join(lines) in page.read_text()


def test_box_tables(results):
    every = box_table(results, 16, outside=False).splitlines()
    assert every[0].endswith('| no rule | tau 1 | tau 2 | tau 3 | tau 4 |')
    usual = f'20.00 ± 0.00 (n = 2) | {NOT} | 10.00 ± 0.00 (n = 2) | {NOT} | {NOT}'
    assert f'| 1.25 | Gaussian Vector | quarter of a cell | {usual} |' in every
    heatmap = '| 0.9 | heatmap | KeyPosS | 6.00 (n = 1) | 6.00 (n = 1) | - | - | - |'
    assert heatmap in every
    assert every[-1].endswith('| 4.57 | 4.29 | 4.10 | - | - |')
    outside = box_table(results, 16, outside=True)
    assert '40.00 ± 0.00 (n = 2)' in outside and '4.57' not in outside
    assert '17.0 % of the landmarks lie outside' in box_text(results)
    assert not any('not rounded' in line for line in every), 'rows without any number'
    assert any('not rounded' in line for line in box_table([], 16, outside=False).splitlines())


def test_convergence(results):
    lines = convergence_table(results, 16, 12).splitlines()
    assert lines[2] == f'| 1 | {NOT} | 50.00 ± 0.00 (n = 2) | {NOT} |'
    assert lines[3] == f'| 2 | {NOT} | {NOT} | {NOT} |'
    assert len(lines) == 2 + 12
    (panel,) = convergence_panels(results, 16, 12)
    assert panel.is_logarithmic and list(panel.curves) == ['Gaussian Vector']
    assert list(panel.curves['Gaussian Vector']) == [1, 12]


def test_panels_of_the_ablations(results):
    theta, width = ablation_panels(results, 16)
    assert list(theta.curves['exact']) == [0.0, 3.0]
    assert list(width.curves['exact']) == [7.0]
    assert list(width.curves['3 and 5, exact']) == [4.0]
    assert theta.curves['published (300W)'][4.0].mean == pytest.approx(0.0325)


def test_the_report_has_tables_plots_and_conditions(results, tmp_path):
    write(tmp_path, 'paper_hm8_seed0', dict(quarter=0.99), epochs=3)
    results, _ = read_results(tmp_path, VECTORS.run_of)
    page, *pictures = write_report(results, tmp_path / 'report', 12, 'python -m command')
    text = page.read_text()
    assert [each.name for each in pictures] == ['ablations_hm16.png', 'convergence_hm16.png']
    for picture in pictures:
        assert f']({picture.name})' in text
        assert cv2.imread(str(picture)).std() > 5, 'an empty picture'
    assert 'a processor, 2 cores, runs at a time: 2, threads of each: 1' in text
    assert '99.00' not in text, 'trainings of another length are another study'
    assert f'| heatmap | 10.0 |\n| Gaussian Vector | 10.0 |\n| {"Gaussian Vector, labels"}' in text


def test_sizes_without_an_ablation_have_no_table_of_it(results, tmp_path):
    write(tmp_path, 'paper_hm8_seed0', dict(quarter=0.99))
    results, _ = read_results(tmp_path, VECTORS.run_of)
    page, *pictures = write_report(results, tmp_path / 'report', 12, 'command')
    text = page.read_text()
    assert '| bandwidths, 16x16 |' in text and '| bandwidths, 8x8 |' not in text
    assert '| epoch, 8x8 |' in text
    assert [each.name for each in pictures] == ['ablations_hm16.png', 'convergence_hm16.png']


def test_the_report_without_results(tmp_path):
    (page,) = write_report([], tmp_path, 12, 'command')
    text = page.read_text()
    assert 'no results yet' in text and 'an unknown part (not measured) of the landmarks' in text
    assert f'| heatmap | one-hot | {NOT} | - |' in text
