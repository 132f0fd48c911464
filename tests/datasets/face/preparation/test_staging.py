import os

import pytest
from raw_releases import tree

from mmpose_multilat.datasets.face.preparation import staging as module
from mmpose_multilat.datasets.face.preparation.staging import staged, taken


def write(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f'new {name}')


@pytest.fixture
def old(tmp_path):
    """A folder with something in it."""
    out = tmp_path / 'data' / 'wflw'
    write(out, 'annotations/a.json', 'images/1.jpg', 'images/2.jpg')
    for path in out.rglob('*.*'):
        path.write_text('old')
    return out


def test_everything_is_moved(tmp_path):
    out = tmp_path / 'data' / 'wflw'
    with staged(out) as folder:
        write(folder, 'annotations/a.json', 'images/x/1.jpg')
        (folder / 'images' / 'link.jpg').symlink_to('/nowhere/1.jpg')
        assert not out.exists()
    assert tree(tmp_path) == {
        'data': b'folder',
        'data/wflw': b'folder',
        'data/wflw/annotations': b'folder',
        'data/wflw/annotations/a.json': b'new annotations/a.json',
        'data/wflw/images': b'folder',
        'data/wflw/images/link.jpg': b'link to /nowhere/1.jpg',
        'data/wflw/images/x': b'folder',
        'data/wflw/images/x/1.jpg': b'new images/x/1.jpg',
    }


def test_files_of_the_same_names_are_replaced(old):
    with staged(old) as folder:
        write(folder, 'images/2.jpg', 'images/3.jpg')
        assert taken(folder, old) == [old / 'images/2.jpg']
    assert tree(old) == {
        'annotations': b'folder',
        'annotations/a.json': b'old',
        'images': b'folder',
        'images/1.jpg': b'old',
        'images/2.jpg': b'new images/2.jpg',
        'images/3.jpg': b'new images/3.jpg',
    }


def test_a_dangling_link_is_a_file(old):
    (old / 'images/9.jpg').symlink_to('/nowhere/9.jpg')
    with staged(old) as folder:
        write(folder, 'images/9.jpg')
        assert taken(folder, old) == [old / 'images/9.jpg']
    assert (old / 'images/9.jpg').read_text() == 'new images/9.jpg'


@pytest.mark.parametrize('error', [ValueError, KeyboardInterrupt])
def test_an_error_leaves_everything_as_it_was(tmp_path, old, error):
    before = tree(tmp_path)
    for out in (old, tmp_path / 'data' / 'new', tmp_path / 'further' / 'new'):
        with pytest.raises(error), staged(out) as folder:
            write(folder, 'annotations/a.json', 'images/4.jpg')
            raise error
        assert tree(tmp_path) == before


@pytest.mark.parametrize('moves', range(6))
def test_an_error_while_moving_is_undone(tmp_path, old, monkeypatch, moves):
    """Fails after 0, 1, ... renames; five are needed."""
    before, count = tree(tmp_path), 0
    replace = os.replace

    def fail_once(source, target):
        nonlocal count
        count += 1
        if count == moves + 1:
            raise OSError('no space left')
        replace(source, target)

    monkeypatch.setattr(module.os, 'replace', fail_once)
    names = ['annotations/a.json', 'images/1.jpg', 'more/deep/5.jpg']
    if moves == 5:
        with staged(old) as folder:
            write(folder, *names)
        assert tree(old)['more/deep/5.jpg'] == b'new more/deep/5.jpg'
        return
    with pytest.raises(OSError, match='no space left'), staged(old) as folder:
        write(folder, *names)
    assert tree(tmp_path) == before


def test_annotations_appear_last(tmp_path, monkeypatch):
    order, replace = [], os.replace

    def note(source, target):
        order.append(target.name)
        replace(source, target)

    monkeypatch.setattr(module.os, 'replace', note)
    with staged(tmp_path / 'out') as folder:
        write(folder, 'annotations/a.json', 'images/1.jpg', 'zoo/2.jpg')
    assert order == ['1.jpg', '2.jpg', 'a.json']
