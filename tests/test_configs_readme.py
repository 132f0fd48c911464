"""What configs/README.md shows: a config as it is, one built on it, one for faces of one's own."""

import re

from mmengine import Config
from shipped_configs import CONFIGS, ROOT

BLOCKS = re.findall(r'```python\n(.*?)```', (ROOT / 'README.md').read_text('utf-8'), re.DOTALL)
(SHOWN,) = (
    path for path in CONFIGS if path.stem == 'keyposs_hrnetv2-w18_4xb64-100e_wflw-256x256-hm16'
)
FACES = """
_base_ = {base!r}
num_landmarks = 21
train_dataloader = dict(dataset=dict(type='Face300WDataset', data_root='data/mine/'))
"""


def block(start: str) -> str:
    """The example that begins like this, with paths to the configs of this tree."""
    (found,) = (each for each in BLOCKS if each.startswith(start))
    return found.replace("'configs/", f"'{ROOT.as_posix()}/")


def test_the_config_that_is_shown_is_the_file():
    shown = re.sub(r' +#.*', '', block("_base_ = [\n    '../"))
    assert shown == SHOWN.read_text('utf-8')


def test_a_config_built_on_it_changes_every_place(tmp_path):
    path = tmp_path / 'mine.py'
    path.write_text(block("_base_ = 'configs/"), 'utf-8')
    config, base = Config.fromfile(path), Config.fromfile(SHOWN)
    encoder = config.train_dataloader.dataset.pipeline[5].encoder
    assert encoder == config.model.head.decoder == dict(base.codec, sigma=1.5)
    assert config.train_dataloader.batch_size == 16
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        assert config[loader].dataset.data_root == '/data/wflw/'


def test_the_variables_of_the_base_have_been_used_by_then(tmp_path):
    """As the page says; whoever sets them alone gets the base's values."""
    path = tmp_path / 'mine.py'
    path.write_text(
        f'_base_ = {SHOWN.as_posix()!r}\nbatch_size = 16\nnum_landmarks = 21\n', 'utf-8'
    )
    config = Config.fromfile(path)
    assert (config.train_dataloader.batch_size, config.model.head.out_channels) == (64, 98)


def test_another_dataset_brings_its_number_of_landmarks(tmp_path):
    faces = (ROOT / '_base_' / 'datasets' / 'face_256x256.py').as_posix()
    (tmp_path / 'my_faces.py').write_text(FACES.format(base=faces), 'utf-8')
    path = tmp_path / 'mine.py'
    _, _, body = SHOWN.read_text('utf-8').partition(']\n')
    path.write_text(block("_base_ = [\n    'configs/") + body, 'utf-8')
    config, other = Config.fromfile(path), Config.fromfile(SHOWN)
    assert config.model == dict(other.model, head=dict(other.model.head, out_channels=21))
    assert config.train_dataloader.dataset.data_root == 'data/mine/'
    assert config.train_dataloader.dataset.pipeline == other.train_dataloader.dataset.pipeline
