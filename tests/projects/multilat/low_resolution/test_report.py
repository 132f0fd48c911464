"""Tables and plot of results that were made by hand."""

from functools import partial

import cv2
import pytest
from example_study import HARDWARE

from projects.multilat.low_resolution import exactness, tables
from projects.multilat.low_resolution.definition import LOW_RESOLUTION
from projects.multilat.low_resolution.exactness import KINDS, TOLERANCE, largest_error
from projects.multilat.low_resolution.plan import SIGMAS, LowResolutionRun
from projects.multilat.low_resolution.report import write_report
from projects.multilat.low_resolution.selection import DECODERS
from projects.study.records import add_records
from projects.study.results import make_record, read_results


def write(folder, alignment, sigma, size, seed, *nme, epochs=12):
    """A result with the errors of KeyPosS, POPoS and GaussianMLE."""
    run = LowResolutionRun(alignment, sigma, size, seed, epochs)
    measured = dict(
        nme=dict(zip(DECODERS, nme)),
        hardware=HARDWARE,
        versions=dict(torch='2'),
        commit=None,
        date='2030-01-02T03:04:05',
        starts=1,
        faces=348,
        train_seconds=600,
        decode_seconds=30,
    )
    add_records([make_record(run, **measured)], folder)


@pytest.fixture
def results(tmp_path):
    """Two settings at 4x4, one of them with two seeds, and one at 8x8."""
    write(tmp_path, 'msra', 2.0, 4, 0, 0.08, 0.06, 0.05)
    write(tmp_path, 'msra', 2.0, 4, 1, 0.12, 0.06, 0.05)
    write(tmp_path, 'udp', 1.5, 4, 0, 0.09, 0.07, 0.05)
    write(tmp_path, 'udp', 2.5, 8, 0, 0.03, 0.02, 0.01)
    write(tmp_path, 'udp', 2.5, 8, 1, 0.99, 0.99, 0.99, epochs=3)
    found, stale = read_results(tmp_path, LOW_RESOLUTION.run_of)
    assert len(found) == 5 and stale == []
    return found


def test_size_table(results):
    nothing = ' not measured |' * 3
    # KeyPosS with sigma 2: mean of 8 and 12, root of 8; equal means are both the best.
    assert tables.size_table(results, 4).splitlines()[:-2] == [
        '| 4x4 | KeyPosS | POPoS | GaussianMLE |',
        '| --- | --- | --- | --- |',
        f'| msra, sigma 1 |{nothing}',
        f'| msra, sigma 1.5 |{nothing}',
        '| msra, sigma 2 | 10.00 ± 2.83 (n = 2) | **6.00 ± 0.00 (n = 2)** |'
        ' **5.00 ± 0.00 (n = 2)** |',
        f'| msra, sigma 3 |{nothing}',
        f'| udp, sigma 1 |{nothing}',
        '| udp, sigma 1.5 | **9.00 (n = 1)** | 7.00 (n = 1) | **5.00 (n = 1)** |',
        f'| udp, sigma 2 |{nothing}',
        f'| udp, sigma 2.5 |{nothing}',
        f'| udp, sigma 3 |{nothing}',
    ]


def test_the_last_rows_are_the_smallest_exact_sigmas(monkeypatch):
    sigmas = dict(msra=0.5, udp=None)
    monkeypatch.setattr(tables, 'smallest_exact_sigma', lambda *case: sigmas[case[2]])
    assert tables.size_table([], 4).splitlines()[-2:] == [
        '| smallest exact sigma, msra | 0.50 | 0.50 | 0.50 |',
        '| smallest exact sigma, udp | none | none | none |',
    ]


def test_panels_compare_alignments_over_sigma(results):
    panels = tables.sigma_panels(results)
    titles = [f'{decoder}, {size}x{size}' for decoder in DECODERS for size in (8, 4)]
    assert [panel.title for panel in panels] == titles
    curves = panels[1].curves
    assert list(curves) == ['msra', 'udp']
    assert {sigma: summary.count for sigma, summary in curves['msra'].items()} == {2.0: 2}
    assert list(curves['udp']) == [1.5]
    assert panels[0].curves['msra'] == {}, 'kept, so that colours are the same in all diagrams'


def test_the_report_has_tables_plot_and_conditions(results, tmp_path):
    page, picture = write_report(results, tmp_path / 'report', 12, 'python -m command')
    text = page.read_text()
    assert '10.00 ± 2.83 (n = 2)' in text and '| 8x8 | KeyPosS' in text
    assert '99.00' not in text, 'trainings of another length are another study'
    assert 'a processor, 2 cores, runs at a time: 2, threads of each: 1' in text
    assert '| heatmap | 8x8 | 4x4 |' in text and '| minutes | 10.0 | 10.0 |' in text
    assert cv2.imread(str(picture)).std() > 5, 'an empty picture'


def test_the_report_without_results(tmp_path):
    (page,) = write_report([], tmp_path, 12, 'command')
    assert 'no results yet' in page.read_text()


@pytest.mark.parametrize('alignment', ['msra', 'udp'])
@pytest.mark.parametrize('decoder', KINDS)
def test_exactness_ends_at_the_smallest_exact_sigma(decoder, alignment):
    smallest = exactness.smallest_exact_sigma(decoder, 4, alignment)
    make = partial(exactness.make_codec, decoder, 4, alignment)
    assert largest_error(make(smallest)) < TOLERANCE
    assert largest_error(make(smallest - exactness.STEP)) >= TOLERANCE
    for sigma in SIGMAS:
        assert largest_error(make(sigma)) < TOLERANCE


def test_exactness_of_keyposs_by_its_formula():
    # The udp grid holds every landmark between four cells, of which the farthest is up to root 2
    # away: its response exp(-1 / sigma^2) is above the floor of 1e-6 from sigma 0.27 on.
    assert exactness.smallest_exact_sigma('KeyPosS', 8, 'udp') == 0.3


def test_no_exact_sigma(monkeypatch):
    monkeypatch.setattr(exactness, 'largest_error', lambda codec: 1.0)
    assert exactness.smallest_exact_sigma.__wrapped__('POPoS', 8, 'udp') is None
