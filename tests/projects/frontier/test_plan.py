"""The runs of the study, their order, and their names."""

import pytest

from projects.frontier.definition import FRONTIER
from projects.frontier.networks import ALTERNATIVES, MAIN
from projects.frontier.plan import PARTS, make_plan, run_named, run_of
from projects.frontier.recipes import OPTIONS, Recipe, recipe_of
from projects.frontier.run import FrontierRun
from projects.study import main
from projects.study.estimate import Estimate
from projects.study.options import build_parser
from projects.study.results import make_record

SMALL = list(MAIN)[:2]


def plan(*words):
    return FRONTIER.plan(build_parser(FRONTIER).parse_args(words))


def test_what_tells_most_comes_first():
    names = [run.name for run in plan()]
    networks = [f'{name}_seed0' for name in (*MAIN, *ALTERNATIVES)]
    factors = [f'{name}_{option}_seed0' for option in OPTIONS for name in SMALL]
    assert names[: len(networks) + len(factors)] == networks + factors
    second = [name for name in names if name.endswith('seed1')]
    assert second[:2] == [f'{name}_seed1' for name in SMALL]
    assert names[-len(MAIN) :] == [f'{name}_seed2' for name in MAIN]
    assert len(set(names)) == len(names)


def test_options_choose_parts_sizes_and_seeds():
    runs = plan('--parts', 'average', 'budgets', '--sizes', '16', '24', '--seeds', '5')
    assert [run.name for run in runs] == [
        'px64_hm16_w1_seed5',
        'px96_hm24_w1_seed5',
        'px64_hm16_w1_ema_seed5',
        'px96_hm24_w1_ema_seed5',
    ]


def test_a_plan_without_runs_is_explained(capsys):
    assert main.main(FRONTIER, ['--list', '--sizes', '4']) == 2
    assert 'no run of these --parts has heatmaps of --sizes [4]' in capsys.readouterr().err


@pytest.mark.parametrize('epochs', [12, 60])
def test_every_run_is_found_by_name_and_by_record(epochs):
    for run in make_plan(epochs, (0, 3), PARTS):
        assert run_named(run.name, epochs) == run == run_of(make_record(run))


def test_options_can_be_combined():
    name = 'px256_hm16_w0.75_d32_ema_sigma0.75_jitter_seed4'
    run = run_named(name, 30)
    assert run.recipe == Recipe(sigma=0.75, averaged=True, jittered=True)
    assert (run.network, run.size, run.seed) == ('px256_hm16_w0.75_d32', 16, 4)
    assert run_of(make_record(run)) == run


@pytest.mark.parametrize(
    'name',
    [
        'px65_hm16_w1_seed0',
        'px64_hm16_w1',
        'px64_hm16_w1_seed00',
        'px64_hm16_w1_dropout_seed0',
        'px64_hm16_w1_ema_ema_seed0',
        'px64_hm16_w1_jitter_ema_seed0',
        'px64_hm16_w1_sigma0.75_sigma1.5_seed0',
        'px64_ema_hm16_w1_seed0',
    ],
)
def test_other_names_are_no_runs(name):
    assert run_named(name, 12) is None


def test_what_contradicts_itself_is_refused():
    with pytest.raises(ValueError, match='sigma1.5'):
        recipe_of(('sigma0.75', 'sigma1.5'))
    with pytest.raises(ValueError, match='px1 is none of px64_hm16_w1,'):
        FrontierRun('px1', (), 0, 12)


def test_a_record_says_what_the_run_is():
    record = make_record(run_named('px96_hm24_w1_anchors40_seed0', 12))
    assert (record['options'], record['pixels'], record['size']) == ('anchors40', 96, 24)
    assert record['settings'] == dict(
        sigma=1.0, averaged=False, jittered=False, coordinates=False, anchors=40
    )
    assert make_record(run_named('px96_hm24_w1_seed0', 12))['options'] == 'plain'


def test_runs_of_one_network_are_taken_to_last_equally_long():
    estimate = Estimate([], 'a processor', 'CPU')
    seconds = [estimate.of(FrontierRun(name, (), 0, 12)) for name in MAIN]
    assert seconds == sorted(seconds) and seconds[-1] > 3 * seconds[0]
    # 6 ms a face at about 0.06 GFLOPs.
    assert (seconds[1] - 60) / 12 / 2578 == pytest.approx(0.0066, abs=0.0001)
    option, plain = (FrontierRun(SMALL[0], options, 0, 12) for options in (('ema',), ()))
    assert option.cost == plain.cost
