"""The file of predictions: what goes in comes out, and nothing else is taken for it."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest

from mmpose_multilat.evaluation import Predictions
from mmpose_multilat.landmarks import SCHEMES


def assert_same(one, two):
    for field in fields(Predictions):
        first, second = getattr(one, field.name), getattr(two, field.name)
        if isinstance(first, np.ndarray):
            assert first.dtype == second.dtype
            np.testing.assert_array_equal(first, second)
        elif field.name == 'subsets':
            assert list(first) == list(second)
            for name in first:
                np.testing.assert_array_equal(first[name], second[name])
        else:
            assert first == second, field.name


@pytest.mark.parametrize('faces', [0, 1, 5])
@pytest.mark.parametrize('with_occlusion', [False, True])
def test_what_is_saved_is_loaded(make_predictions, tmp_path, faces, with_occlusion):
    made = make_predictions('cofw', faces)
    made = replace(
        made,
        true=made.true.astype(np.float32),
        boxes=np.full((faces, 4), np.nan),
        occluded=made.scores > 0.5 if with_occlusion else None,
        images=[f'bilder/Gesicht ä {face}.jpg' for face in range(faces)],
        subsets=dict(pose=made.scores[:, 0] > 0.5, nobody=np.zeros(faces, dtype=bool)),
    )
    made.save(tmp_path / 'new' / 'folder' / 'faces.npz', derived=dict(errors=made.scores))
    assert_same(Predictions.load(tmp_path / 'new' / 'folder' / 'faces.npz'), made)


def test_changes_of_the_scheme_are_kept(make_predictions, tmp_path):
    changes = dict(eyes=((1, 2), (3,)), pupils=None, parts=dict(all=(0, 1)))
    scheme = replace(SCHEMES['ibug'], **changes)
    made = make_predictions(dataset='300w', scheme=scheme)
    made.save(tmp_path / 'faces.npz')
    assert Predictions.load(tmp_path / 'faces.npz').scheme == scheme


def test_files_of_the_first_releases_say_more_of_the_scheme(arrays, tmp_path):
    facts = json.loads(str(arrays['layout']))
    more = json.dumps({**facts, 'eyes': [[1], [2]], 'occlusion': False})
    np.savez(tmp_path / 'old.npz', **{**arrays, 'layout': np.array(more)})
    assert Predictions.load(tmp_path / 'old.npz').scheme == replace(
        SCHEMES['ibug'], eyes=((1,), (2,))
    )


def test_normalisers_are_those_of_the_dataset(make_predictions):
    assert make_predictions('aflw').usual_normalisers == ('box_side', 'box_tight')
    unknown = replace(make_predictions('aflw'), dataset='mine')
    assert unknown.usual_normalisers == ('ocular',)


def test_a_file_is_replaced_at_once_or_not_at_all(make_predictions, tmp_path, monkeypatch):
    path = tmp_path / 'faces.npz'
    make_predictions(faces=2).save(path)

    def write_half(file, **arrays):
        file.write(b'half')
        raise OSError('disk full')

    monkeypatch.setattr(np, 'savez_compressed', write_half)
    with pytest.raises(OSError, match='disk full'):
        make_predictions(faces=3).save(path)
    assert len(Predictions.load(path)) == 2
    assert [each.name for each in tmp_path.iterdir()] == ['faces.npz']


def test_shapes_must_agree(make_predictions):
    made = make_predictions(faces=4)
    changes = dict(
        true=made.true[..., 0],
        predicted=made.predicted[:3],
        labelled=made.labelled[:, :5],
        occluded=made.labelled[:3],
        scores=made.scores[0],
        boxes=made.boxes[:, :2],
        images=['one'],
        ids=[],
        subsets=dict(pose=np.ones(5, dtype=bool)),
    )
    for name, value in changes.items():
        with pytest.raises(ValueError, match=name.rstrip('s')):
            replace(made, **{name: value})


@pytest.fixture
def arrays(make_predictions, tmp_path):
    """The arrays of a proper file."""
    make_predictions().save(tmp_path / 'good.npz')
    with np.load(tmp_path / 'good.npz') as file:
        return dict(file)


def write_text(path, arrays):
    path.write_text('not an image of anything')


def write_nothing(path, arrays):
    path.write_bytes(b'')


def write_truncated(path, arrays):
    np.savez(path, **arrays)
    path.write_bytes(path.read_bytes()[:-200])


def write_damaged(path, arrays):
    np.savez_compressed(path, **arrays)
    content = bytearray(path.read_bytes())
    content[1000:1400] = b'?' * 400
    path.write_bytes(bytes(content))


def write_one_array(path, arrays):
    with path.open('wb') as file:
        np.save(file, arrays['true'])


def write_other_arrays(path, arrays):
    np.savez(path, true=arrays['true'])


def write_pickled(path, arrays):
    np.savez(path, **{**arrays, 'images': np.array([{}], dtype=object)})


def write_incomplete(path, arrays):
    np.savez(path, **{name: each for name, each in arrays.items() if name != 'boxes'})


def write_other_shape(path, arrays):
    np.savez(path, **{**arrays, 'scores': arrays['scores'][:2]})


def write_other_type(path, arrays):
    np.savez(path, **{**arrays, 'true': arrays['true'].astype(str)})


def write_numbers_for_flags(path, arrays):
    np.savez(path, **{**arrays, 'labelled': arrays['scores']})


def write_flags_for_numbers(path, arrays):
    np.savez(path, **{**arrays, 'scores': arrays['labelled']})


def write_another_format(path, arrays):
    np.savez(path, **{**arrays, 'format': np.array('predictions of something else')})


def write_broken_layout(path, arrays):
    np.savez(path, **{**arrays, 'layout': np.array(json.dumps({'eyes': 3}))})


@pytest.mark.parametrize(
    'write',
    [
        write_text,
        write_nothing,
        write_truncated,
        write_damaged,
        write_one_array,
        write_other_arrays,
        write_pickled,
        write_incomplete,
        write_other_shape,
        write_other_type,
        write_numbers_for_flags,
        write_flags_for_numbers,
        write_another_format,
        write_broken_layout,
    ],
)
def test_something_else_is_refused(arrays, tmp_path, write):
    path = tmp_path / 'other.npz'
    write(path, arrays)
    with pytest.raises(ValueError, match='other.npz is not a complete file of predictions'):
        Predictions.load(path)


def test_what_was_derived_is_not_read_back(arrays, tmp_path):
    """Another program may have put anything there, objects that need pickle for example."""
    np.savez(tmp_path / 'more.npz', **arrays, **{'derived.notes': np.array([{}], dtype=object)})
    np.testing.assert_array_equal(Predictions.load(tmp_path / 'more.npz').true, arrays['true'])


def test_a_later_version_is_refused(arrays, tmp_path):
    np.savez(tmp_path / 'later.npz', **{**arrays, 'version': np.array(2)})
    with pytest.raises(ValueError, match='later.npz has version 2'):
        Predictions.load(tmp_path / 'later.npz')


def test_no_file_is_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        Predictions.load(tmp_path / 'missing.npz')
