import json
import math
import re
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.runner import Runner
from raw_releases import tree, wflw_list, write_300w, write_lapa, write_wflw

from mmpose_multilat.datasets.face.preparation.releases import RELEASES
from mmpose_multilat.landmarks import DATASETS
from mmpose_multilat.tools import prepare_data as tool

CONFIGS = Path(__file__).parents[2] / 'configs' / 'face_2d_keypoint'


def test_summary_and_warnings(tmp_path, capsys):
    write_wflw(tmp_path / 'raw')
    code = tool.main(['wflw', '--raw', str(tmp_path / 'raw'), '--out', str(tmp_path / 'out')])
    printed = capsys.readouterr()
    assert code == 0
    assert f'wflw in {tmp_path}/out' in printed.out
    assert re.search(r'^file +faces +images$', printed.out, flags=re.MULTILINE)
    assert re.search(r'^face_landmarks_wflw_test\.json +4 +3$', printed.out, flags=re.MULTILINE)
    assert '5 images, ' in printed.err
    assert (
        'warning: face_landmarks_wflw_train.json holds 3 faces, the official one 7500\n'
        in printed.err
    )
    assert len(json.loads((tmp_path / 'out' / DATASETS['wflw'].files[0].path).read_text()))


def test_default_folder_is_the_one_that_configs_expect(tmp_path, monkeypatch):
    write_lapa(tmp_path / 'raw')
    monkeypatch.chdir(tmp_path)
    assert tool.main(['lapa', '--raw', 'raw']) == 0
    assert (tmp_path / 'data/LaPa/annotations/lapa_trainval.json').is_file()
    # A relative --raw makes links that lead to the images all the same.
    assert (tmp_path / 'data/LaPa/train/images/0_0.jpg').is_file()


@pytest.mark.parametrize('option', ['link', 'copy'])
def test_images_are_linked_or_copied(tmp_path, option):
    write_wflw(tmp_path / 'raw')
    words = ['--raw', str(tmp_path / 'raw'), '--out', str(tmp_path / 'out'), '--pictures', option]
    assert tool.main(['wflw', *words]) == 0
    image = tmp_path / 'out/images/0--Parade/0_train_1.jpg'
    assert image.is_file() and image.is_symlink() == (option == 'link')


def test_broken_release_is_one_message_and_exit_code_2(tmp_path, capsys):
    write_wflw(tmp_path / 'raw')
    path = wflw_list(tmp_path / 'raw', 'test')
    path.write_text(path.read_text()[:-30])
    before = tree(tmp_path)
    code = tool.main(['wflw', '--raw', str(tmp_path / 'raw'), '--out', str(tmp_path / 'out')])
    error = capsys.readouterr().err
    assert code == 2
    count, error = error.splitlines(keepends=True)
    assert ' images, ' in count
    assert error.startswith(f'error: {path}, line 4')
    assert error.endswith('nothing was written\n')
    assert tree(tmp_path) == before


def test_existing_output(tmp_path, capsys):
    write_wflw(tmp_path / 'raw')
    words = ['wflw', '--raw', str(tmp_path / 'raw'), '--out', str(tmp_path / 'out')]
    assert tool.main(words) == 0
    assert tool.main(words) == 2
    assert 'add --overwrite' in capsys.readouterr().err
    assert tool.main([*words, '--overwrite']) == 0


def test_output_that_cannot_be_written(tmp_path, capsys):
    write_wflw(tmp_path / 'raw')
    (tmp_path / 'file').touch()
    out = tmp_path / 'file' / 'out'
    assert tool.main(['wflw', '--raw', str(tmp_path / 'raw'), '--out', str(out)]) == 2
    assert 'error: ' in capsys.readouterr().err


def test_unknown_dataset_and_missing_release(tmp_path, capsys):
    with pytest.raises(SystemExit, match='2'):
        tool.main(['wider', '--raw', str(tmp_path)])
    assert 'jd_landmark' in capsys.readouterr().err
    with pytest.raises(SystemExit, match='2'):
        tool.main(['wflw'])
    assert tool.main(['wflw', '--raw', str(tmp_path / 'nowhere')]) == 2
    assert 'nowhere: is no folder' in capsys.readouterr().err


def test_help_names_the_layouts_and_the_origin(capsys):
    with pytest.raises(SystemExit, match='0'):
        tool.main(['--help'])
    printed = ' '.join(capsys.readouterr().out.split())
    assert 'list_98pt_rect_attr_{train,test}.txt' in printed
    assert 'one pixel is subtracted from every x and y' in printed
    assert all(f' {name}: ' in printed for name in RELEASES)


def test_interruption_leaves_nothing(tmp_path, monkeypatch, capsys):
    write_wflw(tmp_path / 'raw')
    before = tree(tmp_path)

    def interrupt(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(tool.Progress, 'step', interrupt)
    words = ['--raw', str(tmp_path / 'raw'), '--out', str(tmp_path / 'out')]
    assert tool.main(['wflw', *words]) == 130
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ('name', 'write', 'config', 'subsets'),
    [
        (
            'wflw',
            write_wflw,
            'keyposs/wflw/keyposs_hrnetv2-w18_4xb64-100e_wflw-256x256-hm4.py',
            {'pose', 'expression', 'illumination', 'makeup', 'occlusion', 'blur'},
        ),
        (
            '300w',
            write_300w,
            'popos/300w/popos_hrnetv2-w18_4xb32-100e_300w-256x256-hm4.py',
            {'common', 'challenging'},
        ),
    ],
)
def test_from_the_release_to_a_test_run(tmp_path, monkeypatch, name, write, config, subsets):
    """A shipped config finds what the tool has written to `data/`, subsets too; no training."""
    write(tmp_path / 'raw')
    monkeypatch.chdir(tmp_path)
    assert tool.main([name, '--raw', 'raw']) == 0
    settings = Config.fromfile(CONFIGS / config)
    settings.merge_from_dict(
        {
            'work_dir': 'work',
            'model.backbone.init_cfg': None,
            'test_dataloader.num_workers': 0,
            'test_dataloader.persistent_workers': False,
        }
    )
    runner = Runner.from_cfg(settings)
    assert len(runner.test_dataloader.dataset) == 4
    numbers = runner.test()
    assert math.isfinite(numbers['NME_ocular'])
    measured = {key.split('/')[0] for key in numbers if key.endswith('/NME_ocular')}
    assert measured == subsets
