"""What is written of a trained network."""

import json
from pathlib import Path

from projects.frontier import decode
from projects.frontier.definition import FRONTIER
from projects.frontier.plan import run_named
from projects.frontier.references import complexity_by_name
from projects.frontier.run import DECODING
from projects.study.run_config import config_text


def test_parameters_and_operations_stand_beside_the_errors(tmp_path, monkeypatch):
    run = run_named('px64_hm16_w1_coordinate_seed0', 12)
    assert run.decoding == (DECODING,) == (decode.__name__,)
    config = tmp_path / 'config.py'
    config.write_text(config_text(run, tmp_path / 'ytf68', tmp_path, FRONTIER.module))
    nme = dict(GaussianMLE=0.04)
    monkeypatch.setattr(decode.common, 'measure', lambda *_: (dict(faces=3, nme=nme), {}))
    out = tmp_path / 'decoded.json'
    assert decode.main([str(config), str(Path('weights.pth')), '--out', str(out)]) == 0
    plain = complexity_by_name(run.network)
    assert json.loads(out.read_text()) == dict(
        faces=3,
        nme=nme,
        complexity=dict(parameters_million=plain.parameters_million, gflops=plain.gflops),
    )
