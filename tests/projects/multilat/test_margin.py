"""Landmarks beside the cells, on heatmaps made for it."""

import pytest
import torch

from mmpose_multilat.codecs import GaussianMLE
from mmpose_multilat.multilateration import encode_gaussian, input_to_heatmap
from mmpose_multilat.tools.command_line import UserError
from projects.multilat import margin
from projects.multilat.margin import Part, compare_margin

GEOMETRY = dict(input_size=(256, 256), heatmap_size=(4, 4), sigma=1.0)
# The last msra cell stands at 192 px: two landmarks beyond it, one on each axis, two before.
PLACES = torch.tensor([[[200.0, 80.0], [100.0, 230.0], [90.0, 90.0], [150.0, 120.0]]])
SHIFT = torch.tensor([[[8.0, 0.0], [0.0, 4.0], [2.0, 0.0], [0.0, -4.0]]])


@pytest.mark.parametrize('alignment', ['msra', 'udp'])
def test_the_margin_is_that_of_msra_whatever_the_alignment(alignment):
    codec = GaussianMLE(**GEOMETRY, alignment=alignment)
    true, shown = (
        input_to_heatmap(each, (256, 256), (4, 4), alignment) for each in (PLACES, PLACES + SHIFT)
    )
    parts = compare_margin(codec, encode_gaussian(shown, (4, 4), 1.0), true)
    assert parts['margin'].landmarks == parts['elsewhere'].landmarks == 2
    assert parts['margin'].error == pytest.approx(6, abs=0.1)
    assert parts['elsewhere'].error == pytest.approx(3, abs=0.1)


def test_landmarks_without_label_or_bump_are_left_out():
    codec, true = GaussianMLE(**GEOMETRY), PLACES / 64
    heatmaps = encode_gaussian(true, (4, 4), 1.0)
    heatmaps[0, 0], true[0, 3] = 0, torch.nan
    parts = compare_margin(codec, heatmaps, true)
    assert [part.landmarks for part in parts.values()] == [1, 1]
    with pytest.raises(UserError, match='check the checkpoint'):
        compare_margin(codec, torch.zeros_like(heatmaps), true)


def test_command_line(monkeypatch, tmp_path, capsys):
    codec, true = GaussianMLE(**GEOMETRY), PLACES / 64
    heatmaps = encode_gaussian(true, (4, 4), 1.0)
    monkeypatch.setattr(margin, 'collect', lambda config, checkpoint: (codec, heatmaps, true))
    out = tmp_path / 'margin.json'
    assert margin.main(['config.py', 'checkpoint.pth', '--out', str(out)]) == 0
    assert '1 faces, 4x4, msra, sigma 1' in capsys.readouterr().out
    assert '"margin"' in out.read_text()


def test_table():
    table = margin.markdown(dict(margin=Part(12, 3.456), elsewhere=Part(0, float('nan'))))
    assert '3.46' in table and 'nan' in table
