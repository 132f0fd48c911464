import pytest
from benchmark_samples import benchmark
from encoding_samples import encoding

from mmpose_multilat.analysis.benchmarking.records import save as save_benchmark
from mmpose_multilat.analysis.encoding.records import save as save_encoding
from mmpose_multilat.analysis.published.results import find_results
from mmpose_multilat.errors import UserError


def test_both_kinds_in_one_folder(tmp_path):
    save_benchmark(benchmark(), tmp_path / 'a')
    save_encoding(encoding(), tmp_path / 'b' / 'x.json')
    ((folder, found),), (measured,) = find_results([tmp_path])
    assert (folder, found.config) == (tmp_path / 'a', benchmark().config)
    assert measured == encoding()


def test_single_files_and_repetitions(tmp_path):
    file = save_benchmark(benchmark(), tmp_path / 'a')
    save_encoding(encoding(), tmp_path / 'x.json')
    benchmarks, encodings = find_results([tmp_path / 'x.json', file, tmp_path])
    assert len(benchmarks) == len(encodings) == 1
    assert find_results([]) == ([], [])
    assert find_results([tmp_path / 'a'])[1] == []


def test_nothing_and_something_else(tmp_path):
    with pytest.raises(UserError, match='holds no benchmark.json and no file of encode_decode'):
        find_results([tmp_path])
    (tmp_path / 'other.json').write_text('{}')
    with pytest.raises(UserError, match='is no file of this release of benchmark'):
        find_results([tmp_path / 'other.json'])
