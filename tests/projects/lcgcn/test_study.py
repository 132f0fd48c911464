"""The study of graphs: its runs, what they change, its tables."""

import argparse

import numpy as np
import pytest
from mmengine.config import Config

from mmpose_multilat.tools.command_line import UserError
from projects.lcgcn.study.definition import GRAPHS
from projects.lcgcn.study.measure import rates
from projects.lcgcn.study.methods import GRAPHS as METHODS
from projects.lcgcn.study.methods import HEATMAP, LABELS
from projects.lcgcn.study.plan import GraphRun, heatmap_checkpoint, make_plan, run_named
from projects.lcgcn.study.report import report_text
from projects.lcgcn.study.tables import error_table
from projects.study.records import add_records
from projects.study.results import Result, make_record
from projects.study.run_config import ROOT, config_text


def result(method, seed, plain, size=8):
    run = GraphRun(method, size, seed, 12)
    rate = dict(failure_rate=0.01, area=0.5)
    measured = dict(
        nme=dict(plain=plain, occluded=2 * plain, hidden=3 * plain, visible=plain),
        plain=rate,
        occluded=rate,
        train_seconds=60.0,
        starts=1,
        faces=3,
        date='2026-01-01',
        hardware=dict(processor='P', cores=2, device='CPU', workers=1, threads=1),
        versions=dict(torch='2'),
    )
    return Result(run, make_record(run, **measured))


def test_every_method_has_a_label_and_the_first_seed_comes_first():
    assert set(LABELS) == {HEATMAP, *METHODS}
    runs = make_plan(12)
    assert len(set(runs)) == len(runs) == 3 * 3 * len(LABELS)
    assert [run.seed for run in runs] == sorted(run.seed for run in runs)
    assert all(run_named(run.name, 12) == run for run in runs)
    assert run_named('score_hm8_seedx', 12) is None and run_named('best_hm8_seed0', 12) is None


@pytest.mark.parametrize('method', LABELS)
@pytest.mark.parametrize('size', [16, 8, 4])
def test_configs_of_runs(method, size, tmp_path):
    run = GraphRun(method, size, 1, 12)
    folder = ROOT / 'work_dirs' / 'lcgcn'
    path = tmp_path / 'config.py'
    text = config_text(run, tmp_path, folder, 'test')
    path.write_text(text.replace('../../projects', (ROOT / 'projects').as_posix()))
    config = Config.fromfile(path)
    assert config.load_from == heatmap_checkpoint(run).as_posix()
    assert config.load_from.endswith(f'msra_sigma1_hm{size}_seed1/training/epoch_12.pth')
    head = config.model.head
    heatmaps = head if method == HEATMAP else head.base_head
    assert heatmaps.decoder.heatmap_size == (size, size) and heatmaps.decoder.sigma == 1
    assert heatmaps.loss.type == 'HeatmapNormLoss'
    assert ('frozen' in config.model) == method.endswith('frozen')
    steps = [step.type for step in config.train_dataloader.dataset.pipeline]
    assert steps.index('RandomOcclusion') == steps.index('TopdownAffine') + 1


def test_a_study_without_its_heatmap_networks_says_how_to_train_them(tmp_path):
    arguments = argparse.Namespace(list=False, tables=False, data='D', epochs=77)
    with pytest.raises(UserError, match='low_resolution --data D --epochs 77 --keep') as caught:
        GRAPHS.prepare(arguments, [GraphRun('score', 8, 0, 77)], tmp_path)
    assert 'msra_sigma1_hm8_seed0' in str(caught.value)
    add_records([make_record(GraphRun('score', 8, 0, 77))], tmp_path)
    GRAPHS.prepare(arguments, [GraphRun('score', 8, 0, 77)], tmp_path)


def test_changes_are_those_of_the_same_seeds():
    results = [result(HEATMAP, 0, 0.05), result(HEATMAP, 1, 0.04), result('score', 1, 0.03)]
    control, score = error_table(results, 8).splitlines()[2:]
    assert '4.50 ± 0.71 (n = 2) |' in control
    assert '3.00 (n = 1), -25.0 %' in score and '9.00 (n = 1), -25.0 %' in score


def test_the_page_holds_every_size_and_the_command():
    text = report_text([result(HEATMAP, 0, 0.05), result('score', 0, 0.04, 4)], 12, 'COMMAND')
    assert '| 8x8 |' in text and '| 4x4 |' in text and 'COMMAND' in text
    assert 'no results yet' in report_text([], 12, 'COMMAND')


def test_rates_are_those_of_faces():
    errors = np.array([[0.05, 0.25], [0.02, 0.04]])  # means 0.15 and 0.03
    assert rates(errors) == dict(failure_rate=0.5, area=pytest.approx(0.35))
