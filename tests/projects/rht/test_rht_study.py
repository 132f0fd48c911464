"""The runs of the study of references, their configs, conditions and tables."""

from pathlib import Path

import pytest
from mmengine.config import Config
from mmpose.registry import MODELS, TRANSFORMS
from mmpose.utils import register_all_modules

import mmpose_multilat  # noqa: F401
from projects.rht.study.decode import BANK, INDEX, REFERENCES, changed_config
from projects.rht.study.definition import REFERENCES as STUDY
from projects.rht.study.plan import GUIDED, PARTS, ReferenceRun, make_plan, run_named, run_of
from projects.rht.study.report import report_text
from projects.rht.study.tables import LABELS
from projects.study.options import build_parser
from projects.study.results import Result, make_record
from projects.study.run_config import ROOT, config_text

register_all_modules()


def config_of(part, folder):
    run = ReferenceRun(part, 0, 12)
    path = folder / 'config.py'
    path.write_text(config_text(run, Path('/faces/ytf68'), folder, STUDY.module))
    return Config.fromfile(path)


def test_every_part_with_every_seed_what_decides_first():
    runs = STUDY.plan(build_parser(STUDY).parse_args(['--seeds', '0', '1']))
    assert [run.part for run in runs] == [*PARTS, *PARTS]
    assert [run.name for run in runs[:2]] == ['all_hm16_seed0', 'blank_hm16_seed0']
    assert len({run.name for run in make_plan(12)}) == len(make_plan(12)) == 3 * len(PARTS)
    assert set(LABELS) == set(PARTS) and set(GUIDED) < set(PARTS)


@pytest.mark.parametrize('part', PARTS)
def test_runs_are_found_by_name_and_by_record(part):
    run = ReferenceRun(part, 2, 12)
    assert run_named(run.name, 12) == run == run_of(make_record(run))


@pytest.mark.parametrize('name', ['other_hm16_seed0', 'all_hm8_seed0', 'all'])
def test_other_names_are_unknown(name):
    assert run_named(name, 12) is None


@pytest.mark.parametrize('part', PARTS)
def test_networks_have_the_parts_that_they_are_called_after(part, tmp_path):
    head = MODELS.build(config_of(part, tmp_path).model.head)
    network = head.network
    transformer = network.transformer
    assert (network.encoder is None) is (part == 'backbone')
    assert (transformer is None) is (part in ('backbone', 'encoder'))
    if transformer is not None:
        assert (transformer.soft is None) is (part == 'hard_fusion')
        assert (transformer.hard is None) is part.startswith('soft')
        assert network.fusion.every_scale is (part != 'soft')
    assert (head.boundaries is None) is (part == 'no_boundaries')
    assert head.looks_at_references is (part in GUIDED)


def test_control_has_every_parameter_of_the_whole(tmp_path):
    whole, blank = (MODELS.build(config_of(part, tmp_path).model.head) for part in ('all', 'blank'))
    shapes = [
        {name: value.shape for name, value in each.named_parameters()} for each in (whole, blank)
    ]
    assert shapes[0] == shapes[1]


def test_conditions_change_the_test_alone(tmp_path):
    config = config_of('all', tmp_path)
    plain = [step.type for step in config.test_dataloader.dataset.pipeline]
    for reference in (BANK, *REFERENCES):
        changed = changed_config(config, reference, occluded=True)
        steps = changed.test_dataloader.dataset.pipeline
        added = ['RandomOcclusion'] + ['AddReference'] * (reference != BANK)
        assert [step.type for step in steps] == [*plain[:-1], *added, plain[-1]]
        assert changed.train_dataloader == config.train_dataloader
        for step in steps:
            TRANSFORMS.build(step)
    assert [step.type for step in config.test_dataloader.dataset.pipeline] == plain


def test_index_is_the_one_that_the_config_builds():
    name = 'rht-s_hrnetv2-w18_1xb32-30e_ytf68-256x256-hm16_correlated.py'
    config = Config.fromfile(ROOT / 'projects/rht/configs' / name)
    step = next(s for s in config.test_dataloader.dataset.pipeline if s.type == 'AddReference')
    assert step.index == INDEX and step.dataset.ann_file.endswith('train_mesh.json')


def test_report_compares_parts_and_references():
    hardware = dict(processor='a', cores=2, device='CPU', workers=1, threads=1)
    facts = dict(hardware=hardware, versions={}, starts=1, date='2025-01-01T00', faces=348)

    def result(part, seed, nme):
        references = (BANK, *REFERENCES) if part in GUIDED else (BANK,)
        conditions = {each: dict(plain=nme, occluded=2 * nme) for each in references}
        return Result(ReferenceRun(part, seed, 12), dict(facts, conditions=conditions))

    results = [result('all', 0, 0.03), result('all', 1, 0.04), result('blank', 0, 0.035)]
    text = report_text(results, 12, 'COMMAND')
    assert '| all | 3.50 ± 0.71 (n = 2) | 7.00 ± 1.41 (n = 2) |' in text
    assert '| all, blank reference | 3.50 (n = 1) | 7.00 (n = 1) |' in text
    assert '| backbone | not measured | not measured |' in text
    assert text.count('least correlated') == 2 and 'COMMAND' in text
