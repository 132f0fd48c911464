import io

from mmpose_multilat.tools import progress
from mmpose_multilat.tools.progress import Progress

WHAT = 'images and frames'


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_line_with_and_without_total(monkeypatch):
    clock = iter([100.0] + [104.0] * 10)
    monkeypatch.setattr(progress.time, 'monotonic', lambda: next(clock))
    known = Progress(WHAT, 8, io.StringIO())
    for faces in (1, 0):
        known.step(faces)
    assert known.line() == '2/8 images and frames, 0.5 a second, 12 s left'
    assert known.faces == 1


def test_more_frames_than_announced_are_no_total():
    bar = Progress(WHAT, 1, io.StringIO())
    for _ in range(3):
        bar.step(0)
    assert bar.line().startswith('3 images and frames, ')
    assert Progress(WHAT, None, io.StringIO()).line().startswith('0 images and frames')


def test_a_file_gets_messages_and_the_last_line_only():
    stream = io.StringIO()
    bar = Progress(WHAT, 2, stream)
    bar.step(1)
    bar.message('skipped a.jpg')
    bar.step(1)
    bar.close()
    lines = stream.getvalue().splitlines()
    assert lines[0] == 'skipped a.jpg' and lines[1].startswith('2/2 ') and len(lines) == 2


def test_a_terminal_gets_one_line_that_changes(monkeypatch):
    monkeypatch.setattr(progress, 'INTERVAL', -1)
    stream = Terminal()
    bar = Progress(WHAT, 2, stream)
    bar.step(1)
    bar.message('skipped a.jpg')
    bar.step(1)
    assert stream.getvalue().count('\n') == 1
    assert [part.split(',')[0].strip() for part in stream.getvalue().split('\r')] == [
        '',
        '1/2 images and frames',
        '',
        'skipped a.jpg',
        '2/2 images and frames',
    ]
