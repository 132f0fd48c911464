"""The stand-in for xtcocotools gives its numbers, refuses what it cannot do, and serves MMPose."""

import copy
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pycocotools.coco
import pycocotools.cocoeval
import pytest

from mmpose_multilat.environment import stand_in_files

FACES = 12
SIGMAS = np.array([0.03, 0.05, 0.08, 0.04, 0.06])


@pytest.fixture(scope='module')
def stand_in() -> ModuleType:
    """The file itself, whatever is installed under its name."""
    spec = importlib.util.spec_from_file_location(
        'stand_in_for_xtcocotools', stand_in_files.template('xtcocotools')
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def faces_and_detections(first_id: int = 0) -> tuple[dict, list[dict]]:
    """Three images of four faces each, and a better and a worse detection for most of them."""
    random = np.random.RandomState(1)  # its numbers are the same in every version of NumPy
    annotations, detections = [], []
    for index in range(FACES):
        x, y = 150 * (index % 4) + 20.0, 40.0
        points = np.c_[random.uniform((x, y), (x + 100, y + 100), (5, 2)), [2, 2, 1, 0, 2]]
        if index == 5:
            points[:, 2] = 0
        box = dict(image_id=index // 4, category_id=1, bbox=[x, y, 100.0, 100.0])
        annotation = dict(box, id=first_id + index, area=60.0**2 + 600 * index)
        annotations.append(dict(annotation, keypoints=points.ravel().tolist()))
        for scale, score in ((2 + index, 0.5 + index / 40), (12, 0.4)):
            found = points + np.c_[random.normal(0, scale, (5, 2)), np.zeros(5)]
            found[:, 2] = 0.0 if index == 7 else 0.8
            detections.append(dict(box, keypoints=found.ravel().tolist(), score=score))
    annotations[3]['iscrowd'] = 1
    images = [dict(id=index, width=640, height=200) for index in range(3)]
    categories = [dict(id=1, name='face')]
    return dict(images=images, categories=categories, annotations=annotations), detections


def evaluate(stand_in: ModuleType, faces: dict, detections: list, kind: str, **options) -> list:
    """Evaluate as MMPose does; see the order of the numbers in COCOeval.summarize."""
    truth = stand_in.COCO(ann_data=copy.deepcopy(faces))
    found = truth.loadRes(copy.deepcopy(detections))
    evaluation = stand_in.COCOeval(truth, found, kind, **options)
    evaluation.params.useSegm = None
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return evaluation.stats.tolist()


# fmt: off
MEASURED = {
    'keypoints': [
        0.1354565457, 0.5390539054, 0.102310231, 0.301980198, 0.0757425743, 0.27, 0.7, 0.3, 0.3,
        0.15,
    ],
    'bbox': [1, 1, 1, -1, 1, 1, 0.1818181818, 1, 1, -1, 1, 1],
}
# fmt: on
"""What xtcocotools 1.14.3 itself, with NumPy 1.26, makes of :func:`faces_and_detections`."""


@pytest.mark.parametrize('kind', MEASURED)
def test_numbers_are_those_of_xtcocotools(stand_in: ModuleType, kind: str) -> None:
    options = {'sigmas': SIGMAS} if kind == 'keypoints' else {}
    actual = evaluate(stand_in, *faces_and_detections(), kind, **options)
    np.testing.assert_allclose(actual, MEASURED[kind], atol=1e-9)


def test_pycocotools_alone_gives_other_numbers() -> None:
    """Otherwise the test above would not see what the stand-in adds."""
    faces, detections = faces_and_detections()
    for annotation in faces['annotations']:
        annotation.setdefault('iscrowd', 0)
        annotation['num_keypoints'] = sum(np.array(annotation['keypoints'][2::3]) > 0)
    truth = pycocotools.coco.COCO()
    truth.dataset = faces
    truth.createIndex()
    evaluation = pycocotools.cocoeval.COCOeval(truth, truth.loadRes(detections), 'keypoints')
    evaluation.params.kpt_oks_sigmas = SIGMAS
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    assert np.abs(evaluation.stats - MEASURED['keypoints']).max() > 0.04


def test_ids_of_annotations_do_not_matter(stand_in: ModuleType) -> None:
    results = [
        evaluate(stand_in, *faces_and_detections(first_id), 'keypoints', sigmas=SIGMAS)
        for first_id in (0, 1, 100)
    ]
    assert results[0] == results[1] == results[2]


def test_without_sigmas_those_of_the_human_body_are_used(stand_in: ModuleType) -> None:
    evaluation = stand_in.COCOeval()
    expected = pycocotools.cocoeval.COCOeval(iouType='keypoints').params.kpt_oks_sigmas
    np.testing.assert_array_equal(evaluation.params.kpt_oks_sigmas, expected)


def test_annotations_of_a_file_are_marked_as_no_crowd(stand_in: ModuleType, tmp_path: Path) -> None:
    faces, _ = faces_and_detections()
    path = tmp_path / 'faces.json'
    path.write_text(json.dumps(faces), encoding='utf-8')
    from_file = stand_in.COCO(str(path))
    assert [each['iscrowd'] for each in from_file.anns.values()] == [False] * 3 + [1] + [False] * 8
    assert from_file.getAnnIds(imgIds=[0], iscrowd=False) == [0, 1, 2]
    assert from_file.anns == stand_in.COCO(ann_data=faces).anns
    assert stand_in.COCO().anns == {}


@pytest.mark.parametrize(
    ('name', 'options', 'named'),
    [
        ('COCO', {'test_index': [0, 1]}, 'test_index'),
        ('COCOeval', {'iouType': 'keypoints_crowd'}, 'keypoints_crowd'),
        ('COCOeval', {'iouType': 'keypoints_wholebody'}, 'keypoints_wholebody'),
        ('COCOeval', {'use_area': False}, 'use_area=False'),
    ],
)
def test_what_pycocotools_cannot_do_is_refused(
    stand_in: ModuleType, name: str, options: dict, named: str
) -> None:
    with pytest.raises(NotImplementedError, match=f'{named}.* needs xtcocotools.*pip install'):
        getattr(stand_in, name)(**options)


def test_every_import_of_mmpose_works(tmp_path: Path) -> None:
    """Each line with which MMPose imports from xtcocotools, without MMPose and what it needs."""
    (folder,) = importlib.util.find_spec('mmpose').submodule_search_locations
    sources = [path.read_text(encoding='utf-8') for path in Path(folder).rglob('*.py')]
    pattern = r'^(?:from|import) xtcocotools.*$'
    lines = sorted({line for text in sources for line in re.findall(pattern, text, re.MULTILINE)})
    assert len(lines) >= 3
    copy_of_template = tmp_path / 'xtcocotools.py'
    copy_of_template.write_bytes(stand_in_files.template('xtcocotools').read_bytes())
    check = f'import xtcocotools; assert xtcocotools.__file__ == {str(copy_of_template)!r}'
    for first in (lines, lines[::-1]):
        done = subprocess.run(
            [sys.executable, '-c', '\n'.join([*first, check])],
            env={**os.environ, 'PYTHONPATH': str(tmp_path)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
