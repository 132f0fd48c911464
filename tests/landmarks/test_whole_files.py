"""Files that appear complete or not at all."""

import os

import pytest

from mmpose_multilat.landmarks.whole_files import remove_parts, replacing, write_whole


@pytest.mark.parametrize('earlier', [True, False])
def test_a_file_appears_when_it_is_complete(tmp_path, earlier):
    path = tmp_path / 'file'
    if earlier:
        path.write_text('earlier')
    with replacing(path) as part:
        part.write_text('new')
        assert path.exists() == earlier
    assert [each.read_text() for each in tmp_path.iterdir()] == ['new']


@pytest.mark.parametrize('error', [OSError, KeyboardInterrupt])
@pytest.mark.parametrize('begun', [True, False])
def test_an_error_leaves_what_was_there(tmp_path, error, begun):
    path = tmp_path / 'file'
    path.write_text('earlier')
    with pytest.raises(error), replacing(path) as part:
        if begun:
            part.write_text('half')
        raise error
    assert [each.read_text() for each in tmp_path.iterdir()] == ['earlier']


@pytest.mark.parametrize('earlier', [True, False])
def test_a_flushed_file_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch, earlier):
    path, order = tmp_path / 'file', []
    if earlier:
        path.write_text('earlier')
    for name in ('fsync', 'replace'):
        change = getattr(os, name)
        monkeypatch.setattr(
            os, name, lambda *given, name=name, change=change: (order.append(name), change(*given))
        )
    with replacing(path, flush=True) as part:
        part.write_text('new')
    # The name itself is kept by the folder.
    assert order == ['fsync', 'replace'] + ['fsync'] * (os.name == 'posix')
    assert [each.read_text() for each in tmp_path.iterdir()] == ['new']


def test_parts_that_were_left_are_removed_and_nothing_else(tmp_path):
    for name in ('a.pth.17.part', 'b.pth.9.part', 'a.pth', 'a.json.17.part', 'part'):
        (tmp_path / name).touch()
    remove_parts(tmp_path, '*.pth')
    assert {path.name for path in tmp_path.iterdir()} == {'a.pth', 'a.json.17.part', 'part'}
    remove_parts(tmp_path / 'nowhere', '*.pth')


def test_a_file_is_replaced_as_a_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / 'numbers.csv'
    write_whole(path, 'first\r\n')
    write_whole(path, 'second\r\n')
    assert path.read_bytes() == b'second\r\n'

    def refuse(source, target):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(os, 'replace', refuse)
    with pytest.raises(OSError, match='No space left'):
        write_whole(path, 'third')
    assert path.read_bytes() == b'second\r\n' and list(tmp_path.iterdir()) == [path]
