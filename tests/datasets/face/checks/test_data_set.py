import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from mmpose_multilat.datasets.face.checks import check_data_set
from mmpose_multilat.datasets.synthetic import Request, write_data_sets
from mmpose_multilat.landmarks import DATASETS

SIZE = 96


@pytest.fixture
def folder(tmp_path):
    """Three training and two test faces of COFW."""
    write_data_sets(['cofw'], str(tmp_path), Request(3, 2, size=SIZE))
    return tmp_path / 'cofw'


def check(folder, name='cofw', counts=(), **settings):
    """Check a dataset with other official counts, by the name of a file; none by default."""
    dataset = DATASETS[name]
    files = tuple(replace(file, faces=dict(counts).get(file.name)) for file in dataset.files)
    return check_data_set(replace(dataset, files=files), folder, **settings)


def change(folder, name, edit):
    path = folder / 'annotations' / name
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))


@pytest.mark.parametrize('workers', [1, 2])
def test_a_sound_data_set(folder, workers):
    report = check(folder, workers=workers)
    assert report.findings == []
    assert report.faces == {'annotations/cofw_train.json': 3, 'annotations/cofw_test.json': 2}
    assert report.pictures == 5


@pytest.mark.parametrize('name', ['wflw', 'aflw', 'coco_wholebody_face'])
def test_other_sound_data_sets(tmp_path, name):
    write_data_sets([name], str(tmp_path), Request(2, 2, size=SIZE))
    report = check(tmp_path / DATASETS[name].folder, name)
    assert report.problems == [] and report.pictures == 4


def test_number_of_faces(folder):
    (finding,) = check(folder, counts={'cofw_train.json': 3, 'cofw_test.json': 4}).findings
    assert str(finding) == ('annotations/cofw_test.json: 2 faces; the official dataset has 4')


def test_missing_annotation_file(folder):
    (folder / 'annotations' / 'cofw_test.json').unlink()
    (finding,) = check(folder).problems
    assert str(finding) == 'annotations/cofw_test.json: is missing'


def test_missing_subsets_are_a_note(tmp_path):
    write_data_sets(['aflw'], str(tmp_path), Request(1, 1, size=SIZE))
    (tmp_path / 'aflw/annotations/face_landmarks_aflw_test_frontal.json').unlink(missing_ok=True)
    report = check(tmp_path / 'aflw', 'aflw')
    assert report.problems == []
    assert 'face_landmarks_aflw_test_frontal.json: is missing' in str(report.notes[0])


def test_missing_and_unreadable_pictures(folder):
    (folder / 'images' / '000002.jpg').unlink()
    (folder / 'images' / '000005.jpg').write_text('no image')
    first, second = check(folder).problems
    assert str(first) == 'annotations/cofw_train.json, image 2: images/000002.jpg is missing'
    assert str(second).startswith('annotations/cofw_test.json, image 5: images/000005.jpg is no')
    assert check(folder, pictures=False).findings == []


def test_wrong_size_of_a_picture(folder):
    cv2.imwrite(str(folder / 'images' / '000001.jpg'), np.zeros((SIZE, SIZE + 9, 3), np.uint8))
    (finding,) = check(folder).problems
    assert finding.entry == 'image 1'
    assert '105 x 96 px, not 96 x 96 px as the fields width and height say' in finding.problem


@pytest.mark.parametrize(
    'place, outside',
    [
        ((-0.4, 5), False),
        ((95.4, 95.4), False),
        ((-0.6, 5), True),
        ((5, 95.6), True),
        ((300, 5), True),
    ],
)
def test_landmarks_outside_the_picture(folder, place, outside):
    def move(content):
        content['annotations'][1]['keypoints'][:2] = place

    change(folder, 'cofw_train.json', move)
    report = check(folder)
    assert report.problems == [] and len(report.notes) == outside
    assert len(check(folder, strict=True, pictures=False).problems) == outside
    if outside:
        assert '1 of 29 landmarks lie outside images/000002.jpg (96 x 96 px)' in str(
            report.notes[0]
        )


def test_unlabelled_landmarks_may_lie_anywhere(folder):
    def hide(content):
        content['annotations'][1]['keypoints'][:3] = [-50, 5, 0]

    change(folder, 'cofw_train.json', hide)
    assert check(folder).findings == []


def test_a_test_face_among_the_training_faces(folder):
    """The copy of the image has another name, so that only its content tells."""
    source = json.loads((folder / 'annotations/cofw_test.json').read_text())['annotations'][0]
    (folder / 'images/000001.jpg').write_bytes((folder / 'images/000004.jpg').read_bytes())

    def copy(content):
        content['annotations'][0]['keypoints'] = source['keypoints']

    change(folder, 'cofw_train.json', copy)
    (finding,) = check(folder).problems
    assert (finding.kind, finding.entry) == ('duplicate', 'annotation 4')
    assert 'annotation 1 of annotations/cofw_train.json (images/000001.jpg)' in finding.problem
    assert check(folder, pictures=False).findings == []


def test_broken_json_leaves_the_other_file_checked(folder):
    path = folder / 'annotations' / 'cofw_train.json'
    path.write_bytes(path.read_bytes()[:400])
    (folder / 'images' / '000005.jpg').unlink()
    report = check(folder)
    assert [finding.kind for finding in report.problems] == ['broken annotation file', 'picture']
    assert report.faces['annotations/cofw_train.json'] is None


def test_progress(folder):
    counts, steps = [], []

    def track(count):
        counts.append(count)
        return lambda: steps.append(1)

    check(folder, track=track)
    assert counts == [5] and len(steps) == 5
