"""The index of references: the brute-force best of 30 faces, stale ones, and interruptions."""

import json

import numpy as np
import pytest
from reference_samples import TRAIN, change_annotations, copied, dataset_of

from mmpose_multilat.datasets.references import (
    ReferenceFaces,
    build_index,
    face_key,
    index_path,
    match_of,
    read_index,
)
from mmpose_multilat.datasets.references.indexing import best_and_worst
from mmpose_multilat.datasets.references.matching import correlations, describe
from mmpose_multilat.datasets.references.notes import NOTES

REBUILD = 'mmpose_multilat.tools.index_references CONFIG'


@pytest.fixture(scope='module')
def built(drawn_faces):
    """Index of all faces against themselves."""
    dataset = dataset_of(drawn_faces)
    path = index_path(dataset, dataset)
    return path, build_index(path, dataset, ReferenceFaces(dataset), workers=2)


def test_it_is_the_brute_force_best_of_the_other_faces(drawn_faces, built):
    faces = ReferenceFaces(dataset_of(drawn_faces))
    features = [describe(faces[index].image) for index in range(TRAIN)]
    assert len(built[1].faces) == TRAIN == 30
    for target in range(TRAIN):
        others = [index for index in range(TRAIN) if index != target]
        scores = {i: float(correlations(features[target], features[i][None])[0]) for i in others}
        match = built[1].faces[faces.keys[target]]
        assert match.most == max(others, key=scores.get) != target
        assert match.least == min(others, key=scores.get) != target
        assert match.largest == pytest.approx(scores[match.most], abs=1e-3)
        assert match.smallest == pytest.approx(scores[match.least], abs=1e-3)


def test_it_lies_beside_the_images(drawn_faces, built):
    train = 'face_landmarks_300w_train'
    assert built[0] == drawn_faces / 'references' / f'{train}_by_{train}.json'
    assert [path.name for path in built[0].parent.iterdir()] == [built[0].name]


def test_it_is_read_as_it_was_built(drawn_faces, built):
    path, index = built
    assert read_index(path, ReferenceFaces(dataset_of(drawn_faces))) == index


def test_the_number_of_workers_does_not_change_it(drawn_faces, built, tmp_path):
    dataset = dataset_of(drawn_faces)
    again = build_index(tmp_path / 'index.json', dataset, ReferenceFaces(dataset))
    assert again == built[1]


def test_an_interrupted_run_goes_on(drawn_faces, built, tmp_path, monkeypatch):
    dataset, path = dataset_of(drawn_faces), tmp_path / 'index.json'
    seen = []

    def interrupt(found, others):
        if len(seen) == 7:
            raise KeyboardInterrupt
        seen.append(1)
        return best_and_worst(found, others)

    module = 'mmpose_multilat.datasets.references.indexing.best_and_worst'
    monkeypatch.setattr(module, interrupt)
    with pytest.raises(KeyboardInterrupt):
        build_index(path, dataset, ReferenceFaces(dataset))
    notes = path.with_name(path.name + NOTES)
    assert not path.exists() and len(notes.read_text().splitlines()) == 8
    with notes.open('a') as file:
        file.write('["half a li')  # the computer stopped here

    counts = []
    monkeypatch.setattr(module, lambda *given: counts.append(1) or best_and_worst(*given))
    index = build_index(path, dataset, ReferenceFaces(dataset))
    assert index == built[1] and len(counts) == TRAIN - 7
    assert not notes.exists()


def test_notes_of_another_run_are_not_believed(drawn_faces, built, tmp_path):
    dataset, path = dataset_of(drawn_faces), tmp_path / 'index.json'
    notes = path.with_name(path.name + NOTES)
    key = ReferenceFaces(dataset).keys[0]
    notes.write_text('{"references": "others"}\n' + json.dumps([key, 5, 6, 1.0, 0.0]) + '\n')
    assert build_index(path, dataset, ReferenceFaces(dataset)) == built[1]


def test_progress_is_told(drawn_faces, tmp_path):
    told = []

    def progress(what, count):
        told.append([what, count, 0])

        def step():
            told[-1][2] += 1

        return step

    dataset = dataset_of(drawn_faces, indices=3)
    build_index(
        tmp_path / 'index.json', dataset, ReferenceFaces(dataset_of(drawn_faces)), 1, progress
    )
    assert [each[1:] for each in told] == [[TRAIN, TRAIN], [3, 3]]


@pytest.mark.parametrize(
    ('problem', 'named'),
    [
        ('missing', 'does not exist'),
        ('damaged', 'is damaged'),
        ('size', r'something else \(size\)'),
    ],
)
def test_what_does_not_fit_is_refused(drawn_faces, built, tmp_path, problem, named):
    path, faces = tmp_path / 'index.json', ReferenceFaces(dataset_of(drawn_faces))
    if problem == 'damaged':
        path.write_text(built[0].read_text()[:-20])
    elif problem == 'size':
        path.write_text(built[0].read_text())
        faces = ReferenceFaces(dataset_of(drawn_faces), (64, 64))
    with pytest.raises(ValueError, match=named) as raised:
        read_index(path, faces)
    assert str(path) in str(raised.value) and REBUILD in str(raised.value)


def test_an_index_of_changed_references_is_refused(drawn_faces, built, tmp_path):
    folder = copied(drawn_faces, tmp_path)

    def move(annotations):
        annotations[4]['center'][0] += 3

    assert read_index(built[0], ReferenceFaces(dataset_of(folder))).faces  # the same faces
    change_annotations(folder, 'train', move)
    with pytest.raises(ValueError, match=r'something else \(references\)'):
        read_index(built[0], ReferenceFaces(dataset_of(folder)))


def test_a_face_that_it_does_not_know_is_refused(built):
    info = dict(img_path='new.jpg', bbox=np.zeros((1, 4)))
    with pytest.raises(ValueError, match='does not know the face new.jpg') as raised:
        match_of(built[1], face_key(info), built[0])
    assert REBUILD in str(raised.value)


def test_the_first_of_several_equals_is_chosen():
    found = np.array([9.0, 2, 2, 1, 1], np.float32)
    assert best_and_worst(found, np.array([1, 2, 3, 4])) == (1, 3, 2.0, 1.0)


def test_what_cannot_be_compared_is_neither_best_nor_worst():
    found = np.array([np.nan, 3, 2, np.nan], np.float32)
    assert best_and_worst(found, np.arange(4)) == (1, 2, 3.0, 2.0)
    assert best_and_worst(found, np.array([0, 3])) == (0, 0, 0.0, 0.0)
