import json
import os

import pytest
from encoding_samples import encoding, without_times

from mmpose_multilat.analysis.encoding.records import find_files, load, make_room, save
from mmpose_multilat.errors import UserError


@pytest.mark.parametrize('sample', [encoding(), without_times(encoding())])
def test_what_is_saved_is_read_back(tmp_path, sample):
    save(sample, tmp_path / 'new' / 'x.json')
    assert load(tmp_path / 'new' / 'x.json') == sample


def test_results_by_decoder_and_size():
    sample = encoding()
    assert sample.decoders == ['one-hot', 'KeyPosS wide'] and sample.sizes == [64, 8]
    assert sample.result('one-hot', 8).metrics['NME_ocular'] == 0.0995
    assert sample.result('KeyPosS wide', 8) is None


def test_other_files_are_passed_over(tmp_path):
    save(encoding(), tmp_path / 'a' / 'x.json')
    (tmp_path / 'y.json').write_text('{"format": "mmpose_multilat benchmark"}')
    (tmp_path / 'z.json').write_bytes(b'\xff\xfe')
    assert find_files(tmp_path) == [tmp_path / 'a' / 'x.json']
    assert find_files(tmp_path / 'y.json') == []


@pytest.mark.parametrize(
    'changes', [dict(version=99), dict(results=[{}]), dict(results=None), dict(unknown=1)]
)
def test_damaged_files(tmp_path, changes):
    path = tmp_path / 'x.json'
    save(encoding(), path)
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    with pytest.raises(UserError, match='is no file of this release of encode_decode'):
        load(path)


def test_only_files_of_the_tool_are_replaced(tmp_path):
    save(encoding(), tmp_path / 'x.json')
    make_room(tmp_path / 'x.json')
    (tmp_path / 'faces.json').write_text('{"annotations": []}')
    with pytest.raises(UserError, match='faces.json exists and is no file of encode_decode'):
        save(encoding(), tmp_path / 'faces.json')
    assert (tmp_path / 'faces.json').read_text() == '{"annotations": []}'


def test_a_full_disk_leaves_the_earlier_measurement(tmp_path, monkeypatch):
    path = tmp_path / 'x.json'
    save(encoding(), path)

    def refuse(source, target):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(os, 'replace', refuse)
    with pytest.raises(UserError, match='x.json cannot be written: .*No space left'):
        save(without_times(encoding()), path)
    assert load(path) == encoding()
