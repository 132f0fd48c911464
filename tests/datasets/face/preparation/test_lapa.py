"""LaPa and JD-landmark, which share landmark files and MMPose's dataset class."""

import re
import shutil

import numpy as np
import pytest
from mmpose.datasets.datasets import LapaDataset
from raw_releases import points_106, text_106, write_jd_landmark, write_lapa

from mmpose_multilat.datasets.face.preparation.prepare import prepare, warnings
from mmpose_multilat.datasets.face.preparation.raw_data import RawDataError

WRITE = {'lapa': write_lapa, 'jd_landmark': write_jd_landmark}
PREFIX = {'lapa': '', 'jd_landmark': 'images/'}
FILES = {
    'lapa': {
        'lapa_train.json': ('train',),
        'lapa_val.json': ('val',),
        'lapa_test.json': ('test',),
        'lapa_trainval.json': ('train', 'val'),
    },
    'jd_landmark': {'jd_landmark_train.json': ('train',), 'jd_landmark_val.json': ('val',)},
}
CASES = [(name, file) for name, files in FILES.items() for file in files]
TEXT = text_106(points_106(0))


@pytest.fixture(scope='module')
def prepared(tmp_path_factory):
    """By dataset: folder, expected faces, what was written."""
    found = {}
    for name, write in WRITE.items():
        folder = tmp_path_factory.mktemp(name)
        faces = write(folder / 'raw')
        found[name] = (folder / 'out', faces, prepare(name, folder / 'raw', folder / 'out'))
    return found


@pytest.mark.parametrize(('name', 'file'), CASES)
def test_mmpose_reads_the_exact_landmarks(prepared, name, file):
    out, faces, _ = prepared[name]
    data = LapaDataset(
        ann_file=f'annotations/{file}',
        data_root=str(out),
        data_prefix=dict(img=PREFIX[name]),
        test_mode=True,
        serialize_data=False,
    )
    wanted = {
        image: landmarks
        for part in FILES[name][file]
        for image, landmarks in faces.items()
        if image.startswith(part)
    }
    assert len(data) == len(wanted) > 0
    for index, (image, landmarks) in enumerate(wanted.items()):
        info = data.get_data_info(index)
        assert info['img_path'] == str(out / PREFIX[name] / image)
        assert (out / PREFIX[name] / image).is_file()
        np.testing.assert_array_equal(info['keypoints'][0], landmarks.astype(np.float32))
        np.testing.assert_array_equal(info['keypoints_visible'], np.ones((1, 106)))
        low, high = landmarks.min(0), landmarks.max(0)
        box = np.clip([low, high], 0, 63).reshape(1, 4)
        np.testing.assert_allclose(info['bbox'], box, rtol=1e-6)


def test_what_was_written(prepared):
    lapa, written = prepared['lapa'][2], prepared['jd_landmark'][2]
    assert [(file.name, file.faces) for file in lapa] == list(zip(FILES['lapa'], (3, 2, 1, 5)))
    assert [(file.name, file.faces) for file in written] == list(zip(FILES['jd_landmark'], (2, 1)))
    assert 'jd_landmark_test.json was not written' in warnings('jd_landmark', written)[0]


def test_lapa_in_place(tmp_path):
    """MMPose's layout: the release itself with annotations beside it."""
    write_lapa(tmp_path / 'LaPa')
    prepare('lapa', tmp_path / 'LaPa', tmp_path / 'LaPa')
    assert not any(path.is_symlink() for path in tmp_path.rglob('*'))
    assert (tmp_path / 'LaPa/annotations/lapa_train.json').is_file()


BROKEN = {
    'other number': (TEXT.replace('106', '98', 1), 'line 1, field number of landmarks'),
    'no number': (TEXT.partition('\n')[2], 'line 1, field number of landmarks'),
    'truncated': ('\n'.join(TEXT.split('\n')[:50]), 'line 50: ends after 49 of 106 points'),
    'too long': (TEXT + '1 2\n', 'line 108: goes on after 106 points'),
    'one coordinate': (TEXT.replace('106\n', '106\n1\n'), 'line 2: \'1\' is not "x y" of point 0'),
    'text': (TEXT.replace('106\n', '106\nx'), 'line 2, field x of point 0'),
    'empty': ('', 'is empty'),
}
LANDMARK_FILES = {
    'lapa': 'val/landmarks/1_0.txt',
    'jd_landmark': 'train/IBUG/landmark/train_IBUG_134212_1_0.jpg.txt',
}
PICTURES = {
    'lapa': 'val/images/1_0.jpg',
    'jd_landmark': 'train/IBUG/picture/train_IBUG_134212_1_0.jpg',
}


@pytest.mark.parametrize('name', WRITE)
@pytest.mark.parametrize('case', BROKEN)
def test_broken_landmark_files(tmp_path, name, case):
    text, message = BROKEN[case]
    WRITE[name](tmp_path / 'raw')
    path = tmp_path / 'raw' / LANDMARK_FILES[name]
    path.write_text(text)
    with pytest.raises(RawDataError, match=re.escape(message)) as caught:
        prepare(name, tmp_path / 'raw', tmp_path / 'out')
    assert str(caught.value).startswith(str(path))
    assert [each.name for each in tmp_path.iterdir()] == ['raw']


@pytest.mark.parametrize('name', WRITE)
def test_wrong_encoding(tmp_path, name):
    WRITE[name](tmp_path / 'raw')
    path = tmp_path / 'raw' / LANDMARK_FILES[name]
    path.write_bytes(TEXT.encode() + b'\xe9\n')
    with pytest.raises(RawDataError, match='line 108: is not UTF-8'):
        prepare(name, tmp_path / 'raw', tmp_path / 'out')


@pytest.mark.parametrize('name', WRITE)
def test_missing_and_unreadable_pictures(tmp_path, name):
    WRITE[name](tmp_path / 'raw')
    picture = tmp_path / 'raw' / PICTURES[name]
    for spoil, problem in (
        (lambda: picture.write_text('no image'), 'is no readable image'),
        (picture.unlink, 'there is no such image'),
    ):
        spoil()
        with pytest.raises(RawDataError, match=rf'txt: its image: .*1_0\.jpg: {problem}'):
            prepare(name, tmp_path / 'raw', tmp_path / 'out')


@pytest.mark.parametrize(('name', 'folder'), [('lapa', 'test/landmarks'), ('jd_landmark', 'train')])
def test_missing_folders(tmp_path, name, folder):
    WRITE[name](tmp_path / 'raw')
    shutil.rmtree(tmp_path / 'raw' / folder)
    with pytest.raises(RawDataError, match=rf'{folder}: .* with landmark files'):
        prepare(name, tmp_path / 'raw', tmp_path / 'out')
