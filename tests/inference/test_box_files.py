import json

import numpy as np
import pytest

from mmpose_multilat.errors import UserError
from mmpose_multilat.inference.box_files import (
    BoxesOfFile,
    read_boxes,
    usable_boxes,
    with_boxes,
)
from mmpose_multilat.inference.boxes import Box
from mmpose_multilat.inference.frames import Frame
from mmpose_multilat.inference.inputs import Source
from mmpose_multilat.inference.problems import Problems

IMAGE = np.zeros((30, 40, 3), np.uint8)


def source(name):
    return Source('image', name)


def frame(name='a.jpg'):
    return Frame(source(name), IMAGE)


@pytest.fixture
def problems():
    problems = Problems()
    problems.lines = []
    problems.show = problems.lines.append
    return problems


def write(folder, content):
    path = folder / 'boxes.json'
    path.write_text(content if isinstance(content, str) else json.dumps(content), 'utf-8')
    return path


def test_boxes_that_cannot_be_used_are_reported(problems):
    good, small = Box(-5, -5, 1000, 1000), Box(39, 29, 1, 1)
    assert usable_boxes([good, Box(0, 0, 0, 10), small], frame(), problems) == [good, small]
    assert problems.count == 1
    assert problems.lines[0].startswith('skipped box 1 of a.jpg: [0, 0, 0, 10] is empty')


def test_frames_get_their_boxes(tmp_path, problems):
    sources = [source('a.jpg'), source('b.jpg')]
    known = BoxesOfFile(write(tmp_path, {'a.jpg': [[1, 2, 3, 4], [1, 1, 0, 0]]}), sources, problems)
    frames = list(with_boxes([frame('a.jpg'), frame('b.jpg')], known, problems))
    assert [each.boxes for each in frames] == [(Box(1, 2, 3, 4),), ()]
    assert problems.count == 1


def test_boxes_are_found_by_path_then_by_name(tmp_path, problems):
    path = write(tmp_path, {'x/a.jpg': [[1, 2, 3, 4]], 'a.jpg': [[5, 6, 7, 8.5]], 'ä.png': []})
    sources = [source('x/a.jpg'), source('y/a.jpg'), source('y/ä.png')]
    boxes = BoxesOfFile(path, sources, problems)
    assert boxes(frame('x/a.jpg')) == [Box(1, 2, 3, 4)]
    assert boxes(frame('y/a.jpg')) == [Box(5, 6, 7, 8.5)]
    assert boxes(frame('y/ä.png')) == []
    assert not problems.lines


def test_files_that_are_not_listed_have_no_faces(tmp_path, problems):
    path = write(tmp_path, {'a.jpg': [[1, 2, 3, 4]]})
    boxes = BoxesOfFile(path, [source('a.jpg'), source('b.jpg')], problems)
    assert boxes(frame('b.jpg')) == []
    assert problems.count == 0
    assert 'lists no boxes for 1 of 2 inputs, for example b.jpg' in problems.lines[0]


def test_a_file_that_lists_none_of_the_inputs_is_a_mistake(tmp_path, problems):
    path = write(tmp_path, {'c.jpg': [[1, 2, 3, 4]]})
    with pytest.raises(UserError, match='lists none of the inputs, for example not a.jpg'):
        BoxesOfFile(path, [source('a.jpg')], problems)


@pytest.mark.parametrize(
    'content, message',
    [
        ('{', 'is no JSON'),
        ([], 'holds no object'),
        ({'a.jpg': [1, 2, 3, 4]}, 'a.jpg has \\[1, 2, 3, 4\\]; it must be'),
        ({'a.jpg': {'box': [1, 2, 3, 4]}}, 'a.jpg has'),
        ({'a.jpg': [[1, 2, 3]]}, 'a.jpg has'),
        ({'a.jpg': [[1, 2, 3, '4']]}, 'a.jpg has'),
        ({'a.jpg': [[1, 2, 3, True]]}, 'a.jpg has'),
        ('{"a.jpg": [[1, 2, NaN, 4]]}', 'a.jpg has'),
        ('{"a.jpg": [[1, 2, 1e999, 4]]}', 'a.jpg has'),
        ({'a.jpg': [[10**400, 0, 10, 10]]}, 'a.jpg has \\[\\[10000'),
        ('[' * 100_000, 'is no JSON'),
    ],
)
def test_other_content_is_a_mistake(tmp_path, content, message):
    with pytest.raises(UserError, match=message):
        read_boxes(write(tmp_path, content))


def test_a_byte_order_mark_is_read_over(tmp_path):
    path = tmp_path / 'boxes.json'
    path.write_text('{"a.jpg": [[1, 2, 3, 4]]}', encoding='utf-8-sig')
    assert read_boxes(path) == {'a.jpg': [Box(1, 2, 3, 4)]}


def test_a_missing_file_is_a_mistake(tmp_path):
    with pytest.raises(UserError, match='cannot be read: No such file'):
        read_boxes(tmp_path / 'nowhere.json')
