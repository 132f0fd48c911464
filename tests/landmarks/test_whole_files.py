"""Files that appear complete or not at all."""

import pytest

from mmpose_multilat.landmarks.whole_files import replacing


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
