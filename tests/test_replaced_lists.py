"""A list replaces that of a base: advice says how to append, messages what is lost."""

import re
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.registry import HOOKS, METRICS
from mmengine.registry import MODELS as ALL_MODELS
from mmpose.registry import KEYPOINT_CODECS, MODELS
from training_samples import small_training

from mmpose_multilat.analysis.loading import load_config
from mmpose_multilat.engine.hooks.replaced_imports import describe_replaced_imports
from mmpose_multilat.errors import SettingsWarning
from mmpose_multilat.tools.command_line import UserError, explain_errors
from mmpose_multilat.unknown_names import APPENDING, explain_unknown_names

ROOT = Path(__file__).parents[1]

GUIDE = sorted(str(page.relative_to(ROOT)) for page in ROOT.glob('projects/guide/*.md'))
THEIRS = "custom_imports = dict(imports='string')\n"
REPLACING = "_base_ = 'theirs.py'\ncustom_imports = dict(imports=['mmpose_multilat'])\n"


@pytest.fixture
def folder(tmp_path):
    """A config that replaces the imports of its base, and one that appends as the README says."""
    (tmp_path / 'theirs.py').write_text(THEIRS.replace("'string'", "['string']"))
    (tmp_path / 'replacing.py').write_text(REPLACING)
    (tmp_path / 'above.py').write_text("_base_ = ['replacing.py']\n")
    (tmp_path / 'appending.py').write_text(f"_base_ = 'theirs.py'\n{APPENDING}\n")
    return tmp_path


@pytest.mark.parametrize('registry', [MODELS, ALL_MODELS, KEYPOINT_CODECS, METRICS, HOOKS])
def test_an_unknown_name_says_why_it_may_be_missing(registry):
    message = r'^.Theirs is not in the \S+ registry: no imported module registers it.*replaces'
    with pytest.raises(KeyError, match=message) as raised:
        registry.build(dict(type='Theirs'))
    assert APPENDING in str(raised.value)


def test_the_name_inside_is_explained_once_and_other_errors_are_left_alone():
    explain_unknown_names()
    head = dict(type='HeatmapHead', in_channels=1, out_channels=1, loss=dict(type='Theirs'))
    with pytest.raises(KeyError) as raised:
        MODELS.build(head)
    assert str(raised.value).count('no imported module') == 1
    with pytest.raises(KeyError, match='must contain the key "type"'):
        MODELS.build({})


@pytest.mark.parametrize('name', ['KeyPoss', 'POPOS', 'mmpose.GaussianMle'])
def test_a_similar_name_is_offered(name):
    with pytest.raises(KeyError, match='Or was (KeyPosS|POPoS|GaussianMLE) meant'):
        KEYPOINT_CODECS.build(dict(type=name))


def test_tools_pass_the_explanation_on():
    message = 'cannot be built: KeyError: Theirs is not in .* replaces'
    with pytest.raises(UserError, match=message), explain_errors('the model cannot be built'):
        MODELS.build(dict(type='Theirs'))


@pytest.mark.parametrize('name', ['replacing.py', 'above.py'])
def test_lost_imports_are_named(folder, name):
    message = describe_replaced_imports(Config.fromfile(folder / name))
    assert 'string (of theirs.py) is not imported' in message and APPENDING in message
    with pytest.warns(SettingsWarning, match=r'string \(of theirs.py\)'):
        load_config(str(folder / name), {})


def test_the_readmes_line_keeps_the_imports_of_the_base(folder):
    config = Config.fromfile(folder / 'appending.py')
    assert config.custom_imports.imports == ['string', 'mmpose_multilat']
    assert describe_replaced_imports(config) is None
    assert describe_replaced_imports(Config(dict(custom_imports=dict(imports=[])))) is None


def test_configs_of_this_package_lose_nothing():
    for path in sorted(ROOT.glob('configs/face_2d_keypoint/*/300w/*hm16.py')):
        assert describe_replaced_imports(Config.fromfile(path)) is None, path


def test_no_list_is_set_without_a_word_of_appending():
    """Where a page sets a list that bases have, it shows the line that appends, too."""
    for name in ('README.md', 'configs/README.md', *GUIDE):
        text = (ROOT / name).read_text('utf-8')
        for setting in ('custom_imports', 'custom_hooks'):
            if re.search(rf'^{setting} = ', text, re.MULTILINE):
                assert f'[*_base_.{setting}' in text, (name, setting)


def test_the_best_checkpoint_by_a_metric_that_was_replaced_is_named(tmp_path):
    runner = small_training(tmp_path, 1, scores=[1.0], save_best='NME_ocular', rule='less')
    with pytest.raises(ValueError, match="NME_ocular is none of .*gives .NME.*save_best='auto'"):
        runner.train()
    assert (tmp_path / 'epoch_1.pth').is_file()
