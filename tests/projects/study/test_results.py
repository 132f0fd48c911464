"""The files of results: what counts, and that they are whole."""

import json

import pytest
from example_study import EXAMPLE, ExampleRun

from projects.study.results import make_record, read_result, read_results, write_record

RUN = ExampleRun('red', 4, 0, 2)


def test_results_of_other_settings_do_not_count(tmp_path):
    path = write_record(make_record(RUN, nme={}), tmp_path)
    assert read_result(path, EXAMPLE.run_of).run == RUN
    record = json.loads(path.read_text())
    record['overrides']['optim_wrapper']['optimizer']['lr'] = 1e-3
    path.write_text(json.dumps(record))
    with pytest.raises(ValueError, match='other overrides'):
        read_result(path, EXAMPLE.run_of)
    (tmp_path / 'broken.json').write_text('{')
    (tmp_path / 'list.json').write_text('[]')
    unread = ['broken.json', 'list.json', path.name]
    assert read_results(tmp_path, EXAMPLE.run_of) == ([], unread)


def test_a_file_is_written_completely_or_not_at_all(tmp_path, monkeypatch):
    path = write_record(make_record(RUN, nme={'POPoS': 0.1}), tmp_path)
    before = path.read_text()

    def crash(*_):
        raise OSError('power cut')

    monkeypatch.setattr('os.replace', crash)
    with pytest.raises(OSError, match='power cut'):
        write_record(make_record(RUN, nme={'POPoS': 0.2}), tmp_path)
    assert path.read_text() == before
    assert list(tmp_path.iterdir()) == [path], 'nothing is left over'
