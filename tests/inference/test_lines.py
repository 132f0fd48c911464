import json
import os

import numpy as np
import pytest

from mmpose_multilat.inference.boxes import Box
from mmpose_multilat.inference.faces import Face, FrameFaces
from mmpose_multilat.inference.frames import Frame
from mmpose_multilat.inference.inputs import Source
from mmpose_multilat.inference.lines import LineWriter, record
from mmpose_multilat.landmarks.whole_files import part_of

IMAGE = np.full((20, 30, 3), 120, np.uint8)


def result(name='a.jpg', image=IMAGE, index=None, faces=()):
    source = Source('image' if index is None else 'video', name)
    time, rate = (None, None) if index is None else (index / 10, 10.0)
    return FrameFaces(Frame(source, image, index, time, rate), list(faces))


def face(**changes):
    return Face(
        Box(1, 2, 3.00049, 4), np.array([[1.23456, -2], [np.nan, 4]]), np.ones(2), **changes
    )


def test_record_of_an_image():
    assert record(result(faces=[face()])) == dict(
        file='a.jpg',
        frame=None,
        time=None,
        width=30,
        height=20,
        faces=[
            dict(
                box=[1, 2, 3, 4],
                box_score=None,
                keypoints=[[1.235, -2], [None, 4]],
                scores=[1, 1],
            )
        ],
    )


def test_record_of_a_smoothed_frame_with_covariances():
    more = face(covariances=np.ones((2, 2, 2)), track=3, smoothed=np.zeros((2, 2)))
    found = record(result('film.mp4', index=7, faces=[more]))
    assert (found['frame'], found['time']) == (7, 0.7)
    assert found['faces'][0]['covariances'] == [[[1, 1], [1, 1]]] * 2
    assert found['faces'][0]['track'] == 3
    assert found['faces'][0]['smoothed'] == [[0, 0], [0, 0]]


def test_covariances_keep_their_digits_and_nan_becomes_null():
    covariances = np.array([[[2e-6 / 3, -1234567.8], [-1234567.8, 0]], np.full((2, 2), np.nan)])
    (found,) = record(result(faces=[face(covariances=covariances)]))['faces']
    known, unknown = found['covariances']
    assert known == [[6.66667e-07, -1234570.0], [-1234570.0, 0]]
    assert unknown == [[None, None], [None, None]]
    read = np.array(json.loads(json.dumps(found['covariances'], allow_nan=False)), np.float64)
    np.testing.assert_allclose(read, covariances, rtol=1e-5)


def test_lines_are_whole_and_the_file_appears_when_closed(tmp_path):
    path = tmp_path / 'lines.jsonl'
    writer = LineWriter(path)
    writer.write(result('ä 顔.jpg', faces=[face()]))
    writer.write(result(os.fsdecode(b'\xff.jpg')))
    part = part_of(path).read_text('utf-8')
    assert part.count('\n') == 2 and not path.exists()
    writer.close()
    assert [each.name for each in tmp_path.iterdir()] == ['lines.jsonl']
    first, second = map(json.loads, path.read_text('utf-8').splitlines())
    assert first == record(result('ä 顔.jpg', faces=[face()]))
    assert os.fsencode(second['file']) == b'\xff.jpg'


@pytest.mark.parametrize('error', [ValueError, OSError, KeyboardInterrupt])
@pytest.mark.parametrize('earlier', [True, False])
def test_only_what_is_complete_replaces_earlier_lines(tmp_path, capsys, error, earlier):
    path = tmp_path / 'lines.jsonl'
    part = part_of(path)
    if earlier:
        path.write_text('earlier')
    with pytest.raises(error), LineWriter(path) as writer:
        writer.write(result('new.jpg'))
        raise error
    interrupted = error is KeyboardInterrupt
    assert part.exists() == (earlier or not interrupted)
    assert path.exists() == (interrupted or earlier)
    if earlier:
        assert path.read_text() == 'earlier'
    assert (f'what there is stands in {part}' in capsys.readouterr().err) == part.exists()


@pytest.mark.skipif(not os.path.exists('/dev/full'), reason='needs the full disk of Linux')
def test_lines_of_a_full_disk_leave_no_file(tmp_path):
    path = tmp_path / 'lines.jsonl'
    part_of(path).symlink_to('/dev/full')
    with pytest.raises(OSError, match='No space left'), LineWriter(path) as writer:
        writer.write(result())
    assert not list(tmp_path.iterdir())
