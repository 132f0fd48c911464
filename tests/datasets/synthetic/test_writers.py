"""The written files are what MMPose's dataset classes read."""

import json
import os
import signal
from pathlib import Path

import cv2
import numpy as np
import pytest
from mmpose.datasets.datasets import (
    AFLWDataset,
    CocoWholeBodyFaceDataset,
    COFWDataset,
    Face300WDataset,
    LapaDataset,
    WFLWDataset,
)

from mmpose_multilat.datasets.synthetic import (
    DESCRIPTION,
    SYNTHETIC_DATASETS,
    Request,
    generate,
    writers,
)
from mmpose_multilat.datasets.synthetic.writers import write_data_sets

REQUEST = Request(train=4, test=3, seed=11, size=96)
# Class, folder, images and annotations as MMPose's own configs name them.
STOCK = {
    'wflw': (
        WFLWDataset,
        'wflw',
        ('images/', 'images/'),
        ('annotations/face_landmarks_wflw_train.json', 'annotations/face_landmarks_wflw_test.json'),
    ),
    '300w': (
        Face300WDataset,
        '300w',
        ('images/', 'images/'),
        (
            'annotations/face_landmarks_300w_train.json',
            'annotations/face_landmarks_300w_valid.json',
        ),
    ),
    'aflw': (
        AFLWDataset,
        'aflw',
        ('images/', 'images/'),
        ('annotations/face_landmarks_aflw_train.json', 'annotations/face_landmarks_aflw_test.json'),
    ),
    'cofw': (
        COFWDataset,
        'cofw',
        ('images/', 'images/'),
        ('annotations/cofw_train.json', 'annotations/cofw_test.json'),
    ),
    'coco_wholebody_face': (
        CocoWholeBodyFaceDataset,
        'coco',
        ('train2017/', 'val2017/'),
        ('annotations/coco_wholebody_train_v1.0.json', 'annotations/coco_wholebody_val_v1.0.json'),
    ),
    'lapa': (
        LapaDataset,
        'LaPa',
        ('', ''),
        ('annotations/lapa_train.json', 'annotations/lapa_test.json'),
    ),
}


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp('data')
    steps = []
    write_data_sets(list(SYNTHETIC_DATASETS), str(root), REQUEST, progress=lambda: steps.append(1))
    assert len(steps) == 7
    return root


def snapshot(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in Path(folder).rglob('*')
        if path.is_file()
    }


@pytest.mark.parametrize('split', [0, 1], ids=['train', 'test'])
@pytest.mark.parametrize('name', STOCK)
def test_mmpose_reads_what_was_generated(root, name, split):
    kind, folder, prefix, files = STOCK[name]
    dataset = kind(
        data_root=f'{root}/{folder}/',
        ann_file=files[split],
        data_mode='topdown',
        data_prefix=dict(img=prefix[split]),
        test_mode=bool(split),
        pipeline=[],
    )
    assert len(dataset) == (REQUEST.train, REQUEST.test)[split]
    scheme = SYNTHETIC_DATASETS[name].facts.scheme.name
    for index in range(len(dataset)):
        face = generate(REQUEST.seed, index, ('train', 'test')[split], REQUEST.size)
        info = dataset.get_data_info(index)
        np.testing.assert_allclose(info['keypoints'][0], face.landmarks[scheme], atol=1e-3)
        assert np.all(info['keypoints_visible'] == 1)
        assert len(dataset.metainfo['flip_indices']) == len(face.landmarks[scheme])
        image = cv2.imread(info['img_path'])
        assert image.shape == face.image.shape
        assert np.abs(image.astype(int) - face.image).mean() < 12  # JPEG
        low, high = face.landmarks[scheme].min(axis=0), face.landmarks[scheme].max(axis=0)
        box = info['bbox'][0]
        assert np.all(box[:2] <= low + 0.01)
        assert np.all(box[2:] >= high - 0.51)  # COFW rounds to whole pixels


def annotations(root, name, split=1):
    _, folder, _, files = STOCK[name]
    return json.loads((root / folder / files[split]).read_text())['annotations']


@pytest.mark.parametrize('name', ['wflw', '300w'])
def test_centre_and_scale_follow_the_rounded_tight_box(root, name):
    for record in annotations(root, name):
        points = np.array(record['keypoints']).reshape(-1, 3)[:, :2]
        left, top = np.floor(points.min(axis=0))
        right, bottom = np.ceil(points.max(axis=0))
        assert record['center'] == [(left + right) / 2, (top + bottom) / 2]
        assert record['scale'] == pytest.approx(max(right - left, bottom - top) / 200)


def test_aflw_box_is_a_square_with_the_chin_near_its_foot(root):
    for record in annotations(root, 'aflw'):
        points = np.array(record['keypoints']).reshape(-1, 3)[:, :2]
        side = record['box_size']
        assert side == pytest.approx(200 * record['scale'])
        assert np.sqrt(np.ptp(points, axis=0).prod()) / side == pytest.approx(0.64, abs=0.02)
        top = record['center'][1] - side / 2
        assert (points[:, 1].max() - top) / side == pytest.approx(0.93, abs=0.02)


def test_cofw_flags_say_what_is_hidden(root):
    flags = {1.0, 2.0}
    for index, record in enumerate(annotations(root, 'cofw', split=0)):
        visible = np.array(record['keypoints']).reshape(-1, 3)[:, 2]
        assert set(visible) <= flags
        hidden = generate(REQUEST.seed, index, 'train', REQUEST.size).hidden['cofw']
        assert np.array_equal(visible == 1, hidden)


def test_wholebody_face_box_is_tight(root):
    for record in annotations(root, 'coco_wholebody_face'):
        points = np.array(record['face_kpts']).reshape(-1, 3)
        x, y, width, height = record['face_box']
        np.testing.assert_allclose([x, y], points[:, :2].min(axis=0), atol=1e-3)
        np.testing.assert_allclose([x + width, y + height], points[:, :2].max(axis=0), atol=1e-3)
        assert record['face_valid'] is True
        assert set(points[:, 2]) == {1.0}


def test_subsets_are_parts_of_the_test_set(root):
    test = {record['id'] for record in annotations(root, '300w')}
    parts = []
    for part in ('common', 'challenge'):
        path = root / '300w' / 'annotations' / f'face_landmarks_300w_valid_{part}.json'
        if path.exists():
            parts.append({entry['id'] for entry in json.loads(path.read_text())['annotations']})
    assert set.union(*parts) == test
    assert sum(map(len, parts)) == len(test)


def test_number_of_processes_and_of_faces_change_nothing(root, tmp_path):
    threads = cv2.getNumThreads()
    write_data_sets(['wflw'], str(tmp_path), REQUEST, workers=2)
    assert cv2.getNumThreads() == threads
    assert snapshot(tmp_path / 'wflw') == snapshot(root / 'wflw')
    fewer = tmp_path / 'fewer'
    write_data_sets(['cofw'], str(fewer), Request(train=2, test=1, seed=11, size=96))
    for number in ('000001', '000002'):
        file = Path('cofw') / 'images' / f'{number}.jpg'
        assert (fewer / file).read_bytes() == (root / file).read_bytes()


def small(seed=0, train=2):
    return Request(train=train, test=1, seed=seed, size=64)


def test_complete_set_needs_overwrite_and_leaves_no_old_picture(tmp_path):
    write_data_sets(['cofw'], str(tmp_path), small())
    before = snapshot(tmp_path)
    with pytest.raises(FileExistsError, match='--overwrite'):
        write_data_sets(['cofw'], str(tmp_path), small(seed=1))
    assert snapshot(tmp_path) == before
    write_data_sets(['cofw'], str(tmp_path), small(seed=1, train=1), overwrite=True)
    pictures = sorted(path.name for path in (tmp_path / 'cofw' / 'images').iterdir())
    assert pictures == ['000001.jpg', '000002.jpg']


@pytest.mark.parametrize('content', ['{"images": [], "annotations": []}', '[1]', 'not json'])
def test_other_data_are_never_overwritten(tmp_path, content):
    real = tmp_path / 'cofw' / 'annotations' / 'cofw_train.json'
    real.parent.mkdir(parents=True)
    real.write_text(content)
    with pytest.raises(FileExistsError, match='never overwritten'):
        write_data_sets(['wflw', 'cofw'], str(tmp_path), small(), overwrite=True)
    assert real.read_text() == content
    assert not (tmp_path / 'wflw').exists()


def test_real_annotation_put_into_a_synthetic_folder_is_kept(tmp_path):
    write_data_sets(['cofw'], str(tmp_path), small())
    real = tmp_path / 'cofw' / 'annotations' / 'cofw_test.json'
    real.write_text('{"info": {"description": "COFW"}}')
    with pytest.raises(FileExistsError, match='never overwritten'):
        write_data_sets(['cofw'], str(tmp_path), small(), overwrite=True)
    assert 'COFW' in real.read_text()


@pytest.mark.parametrize('step', [0, 2, 'annotations'])
def test_interrupted_run_leaves_no_complete_set_and_can_be_repeated(tmp_path, monkeypatch, step):
    def interrupt(*args):
        raise KeyboardInterrupt

    calls = []

    def progress():
        calls.append(1)
        if len(calls) == step:
            interrupt()

    with monkeypatch.context() as patch:
        if step == 0:
            patch.setattr(writers, 'generate', interrupt)
        if step == 'annotations':  # the first main file is written, then the power fails
            real, written = os.replace, []

            def once(source, target):
                if written and str(target).endswith('train.json'):
                    interrupt()
                written.append(target)
                real(source, target)

            patch.setattr('os.replace', once)
        with pytest.raises(KeyboardInterrupt):
            write_data_sets(['cofw'], str(tmp_path), small(), progress=progress)
    assert not (tmp_path / 'cofw' / 'annotations' / 'cofw_train.json').exists()
    write_data_sets(['cofw'], str(tmp_path), small())
    clean = tmp_path / 'clean'
    write_data_sets(['cofw'], str(clean), small())
    again = {
        path: content
        for path, content in snapshot(tmp_path / 'cofw').items()
        if not path.name.endswith('.part')
    }
    assert again == snapshot(clean / 'cofw')


def test_every_annotation_file_carries_the_marker(root):
    files = list(root.rglob('annotations/*.json'))
    assert len(files) >= 11
    for file in files:
        assert json.loads(file.read_text())['info']['description'] == DESCRIPTION
    assert 'synthetic' in DESCRIPTION


@pytest.mark.parametrize(
    ('change', 'word'),
    [
        (dict(train=0), 'train'),
        (dict(test=0), 'test'),
        (dict(seed=-1), 'seed'),
        (dict(size=16), 'size'),
    ],
)
def test_request_names_the_wrong_setting(change, word):
    with pytest.raises(ValueError, match=f'{word} must be at least'):
        Request(**{**dict(train=1, test=1), **change})


def test_unknown_data_set_and_workers_are_named(tmp_path):
    with pytest.raises(ValueError, match="'helen'.*wflw"):
        write_data_sets(['helen'], str(tmp_path), small())
    with pytest.raises(ValueError, match='workers'):
        write_data_sets(['wflw'], str(tmp_path), small(), workers=0)
    assert not list(tmp_path.iterdir())


def test_workers_leave_an_interruption_to_their_parent(monkeypatch):
    monkeypatch.setattr(writers, '_make', signal.getsignal)
    assert list(writers._run([signal.SIGINT], workers=2)) == [signal.SIG_IGN]
