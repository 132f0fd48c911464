import numpy as np
import pytest

from mmpose_multilat.datasets.face.checks.annotations import Face, FileContent, Picture
from mmpose_multilat.datasets.face.checks.duplicates import find_duplicates
from mmpose_multilat.landmarks import DatasetFile


def face(number, path='a.jpg', x=5.0, flag=1):
    keypoints = np.array([[x, 6, flag], [7, 8, flag]])
    return Face(f'annotation {number}', Picture('image 1', path, 90, 80), keypoints)


def content(name, splits, *faces):
    file = DatasetFile(name, frozenset(splits.split()))
    return FileContent(file, f'annotations/{name}', len(faces), list(faces))


def entries(contents, digests=None):
    found = find_duplicates(contents, digests or {})
    return [(finding.file, finding.entry) for finding in found]


def test_within_a_file():
    train = content('train.json', 'train', face(1), face(2, x=5.5), face(3), face(4, 'b.jpg'))
    (finding,) = find_duplicates([train], {})
    assert finding.entry == 'annotation 3'
    assert finding.problem == 'image a.jpg and landmarks are those of annotation 1'


def test_across_train_and_test():
    train, test = content('train.json', 'train', face(1)), content('test.json', 'test', face(1))
    (finding,) = find_duplicates([train, test], {})
    assert finding.file == 'annotations/test.json'
    assert finding.problem.endswith('are those of annotation 1 of annotations/train.json')


def test_subsets_may_repeat_faces():
    files = [
        content('test.json', 'test', face(1), face(2, x=1)),
        content('test_blur.json', 'test', face(1)),
        content('test_pose.json', 'test', face(1), face(2, x=1)),
    ]
    assert entries(files) == []


@pytest.mark.parametrize('splits, count', [('train val', 0), ('val', 1), ('test', 1)])
def test_a_union_of_splits(splits, count):
    files = [content('train.json', 'train', face(1)), content('other.json', splits, face(1))]
    assert len(entries(files)) == count


def test_one_finding_for_a_face_that_stands_there_thrice():
    train = content('train.json', 'train', face(1), face(2), face(3))
    assert entries([train]) == [
        ('annotations/train.json', 'annotation 2'),
        ('annotations/train.json', 'annotation 3'),
    ]


def test_copies_of_a_picture():
    train = content('train.json', 'train', face(1, 'a.jpg'), face(2, 'b.jpg'), face(3, 'c.jpg'))
    assert entries([train]) == []
    (finding,) = find_duplicates([train], {'a.jpg': b'1', 'b.jpg': b'1', 'c.jpg': b'2'})
    assert finding.problem == 'image b.jpg and landmarks are those of annotation 1 (a.jpg)'


def test_flags_do_not_matter_and_tiny_differences_do_not():
    train = content('train.json', 'train', face(1), face(2, x=5.0 + 1e-6, flag=2))
    assert len(entries([train])) == 1
    train = content('train.json', 'train', face(1, x=-1e-9), face(2, x=1e-9))
    assert len(entries([train])) == 1
