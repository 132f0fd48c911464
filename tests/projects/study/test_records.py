"""The tables of a folder of results: that nothing is lost, and what an interruption leaves."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from example_study import HARDWARE

from mmpose_multilat.landmarks import whole_files
from mmpose_multilat.tools.command_line import UserError
from projects.study.csv_files import read_rows
from projects.study.records import RUNS, add_records, digest, read_records
from projects.study.run_config import ROOT

FOLDERS = sorted(path.parent for path in ROOT.glob('projects/**/results/*/runs.csv'))


def record(run, **more):
    nme = {'one-hot': 0.1 + 0.2, 'POPoS': 1e-05}
    return dict(run=run, size=4, nme=nme, hardware=HARDWARE, versions=dict(torch='2'), **more)


def contents(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_records_come_back(tmp_path):
    curve = [dict(epoch=1, nme=0.5, note=None), dict(epoch=2, nme=0.25, note='last')]
    setting = dict(recipe='all', bandwidths=[3, 5], inner=dict(theta=1.0))
    first, second = record('b', setting=setting, curve=curve), record('a', commit='12')
    add_records([first], tmp_path)
    add_records([second], tmp_path)
    assert read_records(tmp_path) == dict(a=second, b=first)
    assert list(read_records(tmp_path)) == ['a', 'b']
    assert sorted(contents(tmp_path)) == ['curve.csv', 'environments.csv', 'runs.csv']
    shared = read_rows(tmp_path / 'environments.csv')
    assert len(shared) == 1 and shared[0]['hardware.cores'] == 2, 'both have the same'


def test_the_order_of_finishing_makes_no_difference(tmp_path):
    records = [record('b', curve=[dict(x=1)]), record('a', loss=0.1), record('c')]
    for folder, order in (('one', [0, 1, 2]), ('other', [2, 1, 0])):
        for index in order:
            add_records([records[index]], tmp_path / folder)
    assert contents(tmp_path / 'one') == contents(tmp_path / 'other')


def test_a_run_that_is_there_is_replaced_with_all_its_rows(tmp_path):
    add_records([record('a', curve=[dict(x=1), dict(x=2)]), record('b')], tmp_path)
    add_records([record('a', starts=2)], tmp_path)
    assert read_records(tmp_path) == dict(a=record('a', starts=2), b=record('b'))


@pytest.mark.parametrize('writes', range(3))
def test_an_interruption_leaves_what_was_there(tmp_path, monkeypatch, writes):
    add_records([record('a', curve=[dict(x=1)])], tmp_path)
    before, replaced = read_records(tmp_path), []

    def replace(part, path):
        if len(replaced) == writes:
            raise KeyboardInterrupt
        replaced.append(path)
        os.rename(part, path)

    monkeypatch.setattr(whole_files.os, 'replace', replace)
    other = dict(record('b', curve=[dict(x=2)]), versions=dict(torch='3'))
    with pytest.raises(KeyboardInterrupt):
        add_records([other], tmp_path)
    assert read_records(tmp_path) == before
    monkeypatch.undo()
    (tmp_path / f'{RUNS}.1{whole_files.PART}').touch()  # of a process that was killed
    add_records([other], tmp_path)
    assert read_records(tmp_path) == dict(before, b=other)
    assert not list(tmp_path.glob('*.part'))


def test_those_who_add_at_the_same_time_lose_nothing(tmp_path):
    names = [f'{number:02}' for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: add_records([record(name)], tmp_path), names))
    assert list(read_records(tmp_path)) == names


def test_damaged_files_are_named(tmp_path):
    add_records([record('a')], tmp_path)
    header, row = (tmp_path / RUNS).read_text().splitlines()
    for lines in ([header, row, row], [header, row.replace('a', '', 1)]):
        (tmp_path / RUNS).write_text('\n'.join(lines))
        with pytest.raises(UserError, match='runs.csv is damaged .row .* take it from git again'):
            read_records(tmp_path)
    (tmp_path / RUNS).write_text(f'{header}\n{row}\n')
    (tmp_path / 'environments.csv').write_text('environment\nother\n')
    with pytest.raises(UserError, match='row 2 has no name, no environment'):
        add_records([record('b')], tmp_path)
    assert (tmp_path / RUNS).read_text() == f'{header}\n{row}\n'


def test_names_with_dots_cannot_be_columns(tmp_path):
    with pytest.raises(ValueError, match='nme.a.b cannot be a column'):
        add_records([dict(run='a', nme={'a.b': 1})], tmp_path)
    assert not (tmp_path / RUNS).exists()


def test_equal_values_have_equal_digests():
    assert digest(dict(a=1, b=(2, 3))) == digest(dict(b=[2.0, 3], a=1.0))
    assert digest([1, True, '1', None]) != digest([1, 1, '1', None])
    assert all(digest(number).isalpha() for number in range(100))


@pytest.mark.parametrize('folder', FOLDERS, ids=lambda folder: folder.relative_to(ROOT).as_posix())
def test_committed_tables_are_as_they_are_written(folder, tmp_path):
    add_records(read_records(folder).values(), tmp_path)
    written = contents(tmp_path)
    assert RUNS in written
    assert written == {name: (folder / name).read_text() for name in written}
