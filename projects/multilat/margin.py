"""Landmarks beside the cells: how networks err where an msra heatmap has none.

    python -m projects.multilat.margin CONFIG CHECKPOINT --out FILE.json

The cells of `alignment='msra'` leave a margin at the right and lower side of the input, of one
pitch less one px: a quarter of the width at 4x4. Landmarks there lie outside the cells; those of
`alignment='udp'` cover them. The network of the config, of either alignment, runs over its test
set, GaussianMLE finds the landmarks, and those in the msra margin are counted apart.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Optional

from torch import Tensor

from mmpose_multilat.codecs import GaussianMLE
from mmpose_multilat.evaluation.tables import align
from mmpose_multilat.multilateration import cell_pitch, heatmap_to_input
from mmpose_multilat.tools.command_line import UserError, run_tool

from .noise import build_parser, collect
from .record import about, write_json


@dataclass(frozen=True)
class Part:
    """Some of the landmarks.

    Attributes:
        landmarks: Their number.
        error: Their mean error in input px, NaN if there are none.
    """

    landmarks: int
    error: float


def compare_margin(codec: GaussianMLE, heatmaps: Tensor, true: Tensor) -> dict[str, Part]:
    """Mean errors of the landmarks in the msra margin and of the others.

    Args:
        codec: Finds the landmarks.
        heatmaps: (N, K, H, W) heatmaps of N faces with K landmarks.
        true: (N, K, 2) true landmarks in heatmap px; NaN where they are not labelled.

    Returns:
        'margin' and 'elsewhere'.

    Raises:
        UserError: If no landmark is labelled and found.
    """
    found, scores, _ = codec.locate(heatmaps)
    counted = (scores > 0) & true.isfinite().all(-1)  # (N, K)
    if not counted.any():
        raise UserError('no labelled landmark has a bump in its heatmap; check the checkpoint')
    geometry = codec.input_size, codec.heatmap_size
    places, answers = (
        heatmap_to_input(each, *geometry, codec.alignment)[counted] for each in (true, found)
    )
    pitches = cell_pitch(*geometry, 'msra')
    last = [(cells - 1) * pitch for cells, pitch in zip(codec.heatmap_size, pitches)]
    in_margin = (places[:, 0] > last[0]) | (places[:, 1] > last[1])
    errors = (answers - places).norm(dim=-1)
    return dict(margin=_part(errors[in_margin]), elsewhere=_part(errors[~in_margin]))


def _part(errors: Tensor) -> Part:
    return Part(len(errors), errors.mean().item())


def markdown(parts: dict[str, Part]) -> str:
    """A row for each part."""
    rows = [['landmarks', 'number', 'mean error in input px']]
    rows += [[name, str(part.landmarks), f'{part.error:.2f}'] for name, part in parts.items()]
    return align(rows)


def run(arguments: argparse.Namespace) -> None:
    """Measure, print the table, and write the file that was asked for."""
    codec, heatmaps, true = collect(arguments.config, arguments.checkpoint)
    parts = compare_margin(codec, heatmaps, true)
    size, sigma = codec.heatmap_size[0], codec.sigma
    print(f'\n{len(heatmaps)} faces, {size}x{size}, {codec.alignment}, sigma {sigma:g}:\n')
    print(markdown(parts))
    if arguments.out is not None:
        facts = about('projects.multilat.margin', arguments.words, seed=0)
        facts.update(heatmap_size=size, alignment=codec.alignment, sigma=sigma)
        write_json(arguments.out, {**facts, **{name: asdict(part) for name, part in parts.items()}})
        print(f'Written: {arguments.out}')


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(run, build_parser(__doc__), arguments)


if __name__ == '__main__':
    sys.exit(main())
