import datetime

import torch

from mmpose_multilat.analysis import surroundings
from mmpose_multilat.version import __version__


def test_machine_and_versions(monkeypatch):
    monkeypatch.setattr(surroundings, 'VERSIONS', ('torch', 'no-such-package'))
    versions = surroundings.versions()
    assert versions['mmpose_multilat'] == __version__
    assert versions['torch'].split('+')[0] == torch.__version__.split('+')[0]
    assert 'no-such-package' not in versions
    facts = surroundings.hardware('cpu')
    assert facts['device'] == f'CPU ({surroundings.processor_name()})'
    assert facts['threads'] == str(torch.get_num_threads())


def test_processor_name(monkeypatch, tmp_path):
    facts = tmp_path / 'cpuinfo'
    facts.write_text('processor\t: 0\nmodel name\t: Abacus 3000: fast\n')
    monkeypatch.setattr(surroundings, 'PROCESSOR_FACTS', facts)
    assert surroundings.processor_name() == 'Abacus 3000: fast'
    facts.write_text('')
    assert surroundings.processor_name()


def test_date_has_a_zone():
    assert datetime.datetime.fromisoformat(surroundings.now()).tzinfo is not None
