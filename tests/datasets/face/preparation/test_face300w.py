import json
import re
import shutil

import numpy as np
import pytest
from mmpose.datasets.datasets import Face300WDataset
from raw_releases import FOLDERS_300W, points, pts_text, write_300w

from mmpose_multilat.datasets.face.preparation.face300w import read_pts
from mmpose_multilat.datasets.face.preparation.prepare import prepare, warnings
from mmpose_multilat.datasets.face.preparation.raw_data import RawDataError

PARTS = {
    'train': ['afw', 'helen/trainset', 'lfpw/trainset'],
    'valid': ['helen/testset', 'lfpw/testset', 'ibug'],
    'valid_common': ['helen/testset', 'lfpw/testset'],
    'valid_challenge': ['ibug'],
    'test': ['Test/01_Indoor', 'Test/02_Outdoor'],
}
FILES = [f'face_landmarks_300w_{part}.json' for part in PARTS]
PTS = pts_text(points(0, 'ibug'))


@pytest.fixture(scope='module')
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp('300w')
    faces = write_300w(folder / 'raw')
    return folder / 'out', faces, prepare('300w', folder / 'raw', folder / 'out')


@pytest.mark.parametrize('part', PARTS)
def test_mmpose_reads_the_exact_landmarks_less_one(prepared, part):
    out, faces, _ = prepared
    data = Face300WDataset(
        ann_file=f'annotations/face_landmarks_300w_{part}.json',
        data_root=str(out),
        data_prefix=dict(img='images/'),
        test_mode=True,
        serialize_data=False,
    )
    names = [f'{folder}/{name}' for folder in PARTS[part] for name in FOLDERS_300W[folder]]
    assert len(data) == len(names)
    for index, name in enumerate(names):
        info = data.get_data_info(index)
        assert info['img_path'] == str(out / 'images' / name)
        assert (out / 'images' / name).is_file()
        np.testing.assert_array_equal(info['keypoints'][0], faces[name].astype(np.float32))
        low, high = np.floor(faces[name].min(0)), np.ceil(faces[name].max(0))
        np.testing.assert_array_equal(info['bbox_center'][0], (low + high) / 2)
        np.testing.assert_allclose(info['bbox_scale'], (high - low).max(), rtol=1e-6)


def test_the_file_counts_from_one(tmp_path):
    (tmp_path / 'a.pts').write_text(PTS)
    np.testing.assert_allclose(read_pts(tmp_path / 'a.pts'), points(0, 'ibug') + 1, atol=1e-9)


def test_fields_name_the_subset(prepared):
    out, _, _ = prepared
    found = []
    for part in ('train', 'valid', 'test'):
        path = out / 'annotations' / f'face_landmarks_300w_{part}.json'
        for each in json.loads(path.read_text())['annotations']:
            found.append((each['source'], each['subset']))
    assert found == [
        ('afw', 'train'),
        ('helen', 'train'),
        ('helen', 'train'),
        ('lfpw', 'train'),
        ('helen', 'common'),
        ('lfpw', 'common'),
        ('ibug', 'challenge'),
        ('ibug', 'challenge'),
        ('300w', 'indoor'),
        ('300w', 'outdoor'),
        ('300w', 'outdoor'),
    ]


def test_what_was_written(prepared):
    _, _, written = prepared
    assert [(file.name, file.faces) for file in written] == list(zip(FILES, (4, 4, 2, 2, 3)))


@pytest.mark.parametrize('place', ['Test', '.'])
def test_other_places_of_the_private_test_set(tmp_path, place):
    write_300w(tmp_path / 'raw')
    (tmp_path / 'raw' / place).mkdir(exist_ok=True)
    for folder in ('01_Indoor', '02_Outdoor'):
        (tmp_path / 'raw/300W' / folder).rename(tmp_path / 'raw' / place / folder)
    assert prepare('300w', tmp_path / 'raw', tmp_path / 'out')[-1].faces == 3


def test_the_release_may_stand_in_place(tmp_path):
    """MMPose's layout: the folders stand in `data/300w/images`."""
    write_300w(tmp_path / '300w' / 'images')
    prepare('300w', tmp_path / '300w', tmp_path / '300w')
    assert (tmp_path / '300w/images/afw/1051618982_1.jpg').is_file()
    assert not (tmp_path / '300w/images/afw/1051618982_1.jpg').is_symlink()
    assert (tmp_path / '300w/images/Test/01_Indoor/indoor_001.png').is_symlink()


def test_without_the_private_test_set(tmp_path):
    write_300w(tmp_path / 'raw')
    shutil.rmtree(tmp_path / 'raw/300W')
    written = prepare('300w', tmp_path / 'raw', tmp_path / 'out')
    assert [file.name for file in written] == FILES[:4]
    assert 'face_landmarks_300w_test.json was not written' in warnings('300w', written)[0]


@pytest.mark.parametrize('folder', ['afw', 'helen/testset', 'ibug', '300W/02_Outdoor'])
def test_missing_and_empty_folders(tmp_path, folder):
    write_300w(tmp_path / 'raw')
    shutil.rmtree(tmp_path / 'raw' / folder)
    message = re.escape(folder.replace('300W', 'Test')) + ': is no folder with .pts files'
    with pytest.raises(RawDataError, match=message):
        prepare('300w', tmp_path / 'raw', tmp_path / 'out')
    (tmp_path / 'raw' / folder).mkdir()
    with pytest.raises(RawDataError, match='is no folder with .pts files'):
        prepare('300w', tmp_path / 'raw', tmp_path / 'out')
    assert [each.name for each in tmp_path.iterdir()] == ['raw']


@pytest.mark.parametrize('renamed', ['image_092 _01.pts', 'image_092 _01.jpg'])
def test_a_blank_that_only_one_of_the_two_files_has_lost(tmp_path, renamed):
    faces = write_300w(tmp_path / 'raw')
    path = tmp_path / 'raw' / 'ibug' / renamed
    path.rename(path.with_name(renamed.replace(' ', '')))
    prepare('300w', tmp_path / 'raw', tmp_path / 'out')
    path = tmp_path / 'out/annotations/face_landmarks_300w_valid_challenge.json'
    content = json.loads(path.read_text())
    picture = 'image_092_01.jpg' if renamed.endswith('jpg') else 'image_092 _01.jpg'
    assert content['images'][1]['file_name'] == f'ibug/{picture}'
    assert (tmp_path / 'out/images/ibug' / picture).is_file()
    np.testing.assert_array_equal(
        np.reshape(content['annotations'][1]['keypoints'], (68, 3))[:, :2],
        faces['ibug/image_092 _01.jpg'],
    )


BROKEN = {
    'no version': (PTS.partition('\n')[2], "line 1, field version: 'n_points:  68' is not"),
    'empty version': (PTS.replace('version: 1', 'version:'), 'line 1, field version'),
    '67 points': (
        PTS.replace('68', '67', 1),
        'line 2, field n_points: \'n_points:  67\' instead of "n_points: 68"',
    ),
    '194 points': (PTS.replace('n_points:  68', 'n_points: 194'), 'line 2, field n_points'),
    'only a version': ('version: 1\n', 'line 2, field n_points: the end instead of'),
    'no bracket': (PTS.replace('{', ''), 'line 3: is not "{"'),
    'truncated': ('\n'.join(PTS.split('\n')[:40]), 'line 40: ends after 37 of 68 points'),
    'truncated in a line': (PTS[: PTS.index('\n', 300) - 9], 'is not "x y" of point'),
    'no last bracket': (PTS.rstrip().rstrip('}'), 'line 72: does not end with "}" after 68'),
    'one point too few': (
        '\n'.join(PTS.split('\n')[:3] + PTS.split('\n')[4:]),
        'line 71: \'}\' is not "x y" of point 67',
    ),
    'one point too many': (PTS.replace('}', '1 2\n}'), 'line 72: does not end with "}"'),
    'three numbers': (PTS.replace('{\n', '{\n1 '), 'line 4: '),
    'text': (PTS.replace('{\n', '{\nx'), 'line 4, field x of point 0: '),
    'empty': ('', 'is empty'),
}


@pytest.mark.parametrize('case', BROKEN)
def test_broken_landmark_files(tmp_path, case):
    text, message = BROKEN[case]
    write_300w(tmp_path / 'raw')
    path = tmp_path / 'raw/lfpw/testset/image_0001.pts'
    path.write_text(text)
    with pytest.raises(RawDataError) as caught:
        prepare('300w', tmp_path / 'raw', tmp_path / 'out')
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)
    assert [each.name for each in tmp_path.iterdir()] == ['raw']


def test_wrong_encoding(tmp_path):
    write_300w(tmp_path / 'raw')
    path = tmp_path / 'raw/ibug/image_003_1.pts'
    path.write_bytes(PTS.encode('utf-16'))
    with pytest.raises(RawDataError, match='image_003_1.pts, line 1: is not UTF-8'):
        prepare('300w', tmp_path / 'raw', tmp_path / 'out')


def test_missing_and_unreadable_pictures(tmp_path):
    write_300w(tmp_path / 'raw')
    picture = tmp_path / 'raw/300W/01_Indoor/indoor_001.png'
    picture.write_text('not an image')
    with pytest.raises(RawDataError, match='indoor_001.png: is no readable image'):
        prepare('300w', tmp_path / 'raw', tmp_path / 'out')
    picture.unlink()
    with pytest.raises(RawDataError, match='indoor_001.pts: has no image indoor_001'):
        prepare('300w', tmp_path / 'raw', tmp_path / 'out')
