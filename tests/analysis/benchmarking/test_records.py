import json
import os

import pytest
from benchmark_samples import benchmark, predictions

from mmpose_multilat.analysis.benchmarking import records
from mmpose_multilat.errors import UserError


def test_a_file_gives_back_what_was_saved(tmp_path):
    path = records.save(benchmark(), tmp_path / 'new')
    assert path == tmp_path / 'new' / 'benchmark.json'
    assert records.load(path) == benchmark()


def test_the_own_result_is_that_of_the_config():
    found = [
        (each.decoder, each.flip_test) for each in benchmark().results if benchmark().is_own(each)
    ]
    assert found == [('POPoS', False)]
    assert benchmark().subsets == ['full', 'pose']


@pytest.mark.parametrize(
    'change',
    [
        lambda content: content.pop('format'),
        lambda content: content.update(version=99),
        lambda content: content.pop('sigma'),
        lambda content: content.update(results=[]),
        lambda content: content['decoders'].pop(),
        lambda content: content['results'][0].update(colour='red'),
        lambda content: content.update(thresholds=None),
        lambda content: content.update(hardware={}),
        lambda content: content.update(network={}),
    ],
)
def test_damaged_files_are_refused(tmp_path, change):
    path = records.save(benchmark(), tmp_path)
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(UserError, match='benchmark.json is no file of this release'):
        records.load(path)


@pytest.mark.parametrize('text', ['', '[]', '{"a":', '\x00'])
def test_other_files_are_refused(tmp_path, text):
    path = tmp_path / 'benchmark.json'
    path.write_text(text)
    with pytest.raises(UserError, match='is no file of this release'):
        records.load(path)


def test_folders_are_searched_and_every_benchmark_is_found_once(tmp_path):
    for name in ('a', 'b/c'):
        records.save(benchmark(config=f'{name}.py'), tmp_path / name)
    words = [tmp_path, tmp_path / 'a', tmp_path / 'b' / 'c' / 'benchmark.json']
    found = [(folder, each.config) for folder, each in records.find(words)]
    assert found == [(tmp_path / 'a', 'a.py'), (tmp_path / 'b' / 'c', 'b/c.py')]
    with pytest.raises(UserError, match='holds no benchmark.json'):
        list(records.find([tmp_path / 'nowhere']))


def test_missing_and_wrong_predictions(tmp_path):
    result = benchmark().results[0]
    with pytest.raises(UserError, match='one-hot_False.npz'):
        records.load_predictions(tmp_path, result)
    predictions().save(tmp_path / result.predictions)
    assert len(records.load_predictions(tmp_path, result)) == 3
    (tmp_path / result.predictions).write_text('text')
    with pytest.raises(UserError, match='is not a complete file of predictions'):
        records.load_predictions(tmp_path, result)


def test_a_full_disk_leaves_the_earlier_measurement(tmp_path, monkeypatch):
    path = records.save(benchmark(), tmp_path)

    def refuse(source, target):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(os, 'replace', refuse)
    with pytest.raises(OSError, match='No space left'):
        records.save(benchmark(config='other.py'), tmp_path)
    assert records.load(path) == benchmark()
