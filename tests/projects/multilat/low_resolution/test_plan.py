"""The runs of the study, their order, and the configs that they train."""

from pathlib import Path

import pytest
from mmengine.config import Config
from mmpose.registry import KEYPOINT_CODECS
from mmpose.utils import register_all_modules

from projects.multilat.low_resolution.codec import BASE_ALIGNMENT, BASE_SIGMA
from projects.multilat.low_resolution.definition import LOW_RESOLUTION
from projects.multilat.low_resolution.plan import LowResolutionRun, make_plan, run_named, run_of
from projects.popos.study.plan import LossRun
from projects.study import main
from projects.study.options import SIZES, build_parser
from projects.study.results import make_record
from projects.study.run_config import ROOT, config_changes, config_text

HEAD = """\
# {name}: written by projects.multilat.low_resolution
_base_ = '../../../../projects/popos/configs/popos_hrnetv2-w18_1xb32-30e_ytf68-256x256-hm8.py'
"""

MODELS = {
    'msra_sigma2_hm8_seed0': """\
model = {'head': {'type': 'HeatmapHead', 'loss': {'_delete_': True, 'type': 'HeatmapNormLoss'}}}
""",
    'udp_sigma1.5_hm8_seed0': """\
model = {'head': {'type': 'HeatmapHead',
          'loss': {'_delete_': True, 'type': 'HeatmapNormLoss'},
          'decoder': {'sigma': 1.5, 'alignment': 'udp'}}}
""",
}

ENCODER = """\
                          {'type': 'GenerateTarget',
                           'encoder': {'type': 'POPoS',
                                       'input_size': (256, 256),
                                       'heatmap_size': (8, 8),
                                       'sigma': 1.5,
                                       'num_anchors': 10,
                                       'alignment': 'udp'}},
                          {'type': 'PackPoseInputs'}],
             'data_root': '/faces/ytf68/'},
 'batch_size': 32}
"""


def default_plan(*words):
    given = build_parser(LOW_RESOLUTION).parse_args(words)
    return LOW_RESOLUTION.plan(given)


def text_of(run):
    folder = ROOT / LOW_RESOLUTION.work / 'ytf68_12e' / run.name
    return config_text(run, Path('/faces/ytf68'), folder, LOW_RESOLUTION.module)


def config_of(run, folder):
    """The config of a run, read as MMEngine reads it."""
    path = folder / 'config.py'
    path.write_text(config_text(run, folder / 'ytf68', folder, LOW_RESOLUTION.module))
    return Config.fromfile(path)


def test_the_default_plan_compares_all_settings_before_further_seeds():
    order = [(run.seed, run.size, run.alignment, run.sigma) for run in default_plan()]
    assert order == [
        (seed, size, alignment, sigma)
        for seed in (0, 1, 2)
        for size in (4, 8, 16)
        for alignment in ('msra', 'udp')
        for sigma in (1, 1.5, 2, 3)
    ]


def test_options_choose_settings():
    words = ['--sigmas', '2.5', '2', '--alignments', 'udp', '--sizes', '16', '--seeds', '4']
    names = ['udp_sigma2.5_hm16_seed4', 'udp_sigma2_hm16_seed4']
    assert [run.name for run in default_plan(*words)] == names


def test_every_run_can_be_asked_for_by_its_name():
    plan = make_plan(12, SIZES, (0, 5), sigmas=(0.7, 1, 2.25))
    assert len({run.name for run in plan}) == len(plan)
    for run in plan:
        assert run_named(run.name, 12) == run
        assert run_of(make_record(run)) == run


@pytest.mark.parametrize(
    'name',
    [
        'dark_sigma2_hm8_seed0',
        'udp_sigma2.0_hm8_seed0',
        'udp_sigma0_hm8_seed0',
        'udp_sigma-1_hm8_seed0',
        'udp_sigmainf_hm8_seed0',
        'udp_sigmatwo_hm8_seed0',
        'udp_sigma2_hm5_seed0',
        'udp_sigma2_hm8_seed00',
        'udp_sigma2_hm8_seed0_',
    ],
)
def test_other_names_are_no_runs(name):
    assert run_named(name, 12) is None


@pytest.mark.parametrize('sigma', ['0', '-1', 'nan', 'inf'])
def test_impossible_sigmas_are_explained(capsys, sigma):
    assert main.main(LOW_RESOLUTION, ['--list', f'--sigmas={sigma}']) == 2
    assert f'--sigmas must be positive numbers, not {sigma}' in capsys.readouterr().err


@pytest.mark.parametrize('name', MODELS)
def test_the_text_of_a_run(name):
    text = text_of(run_named(name, 12))
    assert text.startswith(HEAD.format(name=name) + MODELS[name])
    assert (ENCODER in text) == (name == 'udp_sigma1.5_hm8_seed0')


def test_the_usual_codec_is_the_recipe_of_the_other_study():
    for size in (16, 8, 4):
        run, other = LowResolutionRun('msra', 2.0, size, 1, 12), LossRun('norm', size, 1, 12)
        assert run.base_config == other.base_config
        assert config_changes(run) == config_changes(other)


@pytest.mark.parametrize('size', [16, 8, 4])
@pytest.mark.parametrize(
    'alignment, sigma', [('msra', 2.0), ('msra', 1.0), ('udp', 2.0), ('udp', 3.0)]
)
def test_both_codecs_have_the_alignment_and_sigma(tmp_path, size, alignment, sigma):
    register_all_modules()
    config = config_of(LowResolutionRun(alignment, sigma, size, 0, 12), tmp_path)
    pipeline = config.train_dataloader.dataset.pipeline
    (encoder,) = (transform.encoder for transform in pipeline if 'encoder' in transform)
    assert encoder == config.model.head.decoder
    codec = KEYPOINT_CODECS.build(encoder)
    assert (codec.alignment, codec.sigma, codec.heatmap_size) == (alignment, sigma, (size, size))


def test_the_base_codec_is_what_it_is_said_to_be():
    for size in SIZES:
        config = Config.fromfile(ROOT / LossRun('norm', size, 0, 12).base_config)
        codec = KEYPOINT_CODECS.build(config.model.head.decoder)
        assert (codec.alignment, codec.sigma) == (BASE_ALIGNMENT, BASE_SIGMA)


def test_nothing_but_the_codecs_differs(tmp_path):
    usual, other = (
        config_of(LowResolutionRun(*setting, 8, 0, 12), tmp_path).to_dict()
        for setting in (('msra', 2.0), ('udp', 3.0))
    )
    for config in (usual, other):
        config['model']['head'].pop('decoder')
        for transform in config['train_dataloader']['dataset']['pipeline']:
            transform.pop('encoder', None)
    wanted = ('model', 'train_dataloader', 'val_dataloader', 'test_dataloader', 'param_scheduler')
    for key in (*wanted, 'optim_wrapper', 'train_cfg', 'randomness', 'test_evaluator'):
        assert other[key] == usual[key], key
