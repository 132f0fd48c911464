import pytest

from mmpose_multilat.inference.part_files import settle


@pytest.mark.parametrize(
    'ended_by, earlier, left',
    [
        (None, False, dict(file='new')),
        (None, True, dict(file='new')),
        (KeyboardInterrupt, False, dict(file='new')),
        (KeyboardInterrupt, True, dict(file='earlier', part='new')),
        (OSError, False, dict(part='new')),
        (OSError, True, dict(file='earlier', part='new')),
    ],
)
def test_results_are_never_lost(tmp_path, ended_by, earlier, left):
    (tmp_path / 'part').write_text('new')
    if earlier:
        (tmp_path / 'file').write_text('earlier')
    settle(tmp_path / 'part', tmp_path / 'file', ended_by)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == left


def test_a_part_without_anything_is_removed(tmp_path):
    (tmp_path / 'part').touch()
    settle(tmp_path / 'part', tmp_path / 'file', OSError)
    assert not list(tmp_path.iterdir())
