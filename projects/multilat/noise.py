"""Which noise a trained network makes: its heatmaps beside the Gaussians it was taught.

    python -m projects.multilat.noise CONFIG CHECKPOINT --out FILE.json

The network runs over the test set of its config, without flip test. GaussianMLE finds the bump in
every heatmap. Measured is what the bump leaves (the residual: size, correlation of neighbouring
cells), height and width of the bumps, the errors of the landmarks, and how far one tells of the
other.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Optional

import numpy as np
import torch
from torch import Tensor

from mmpose_multilat.analysis import look_through, settings_of_heatmaps
from mmpose_multilat.analysis.loading import (
    build_loader,
    build_model,
    check_gaussians,
    load_config,
)
from mmpose_multilat.codecs import GaussianMLE
from mmpose_multilat.evaluation.tables import align
from mmpose_multilat.tools.command_line import blame_user, run_tool

from .heatmap_noise import Noise, analyse
from .record import DEVICE, about, write_json


def collect(config_path: str, checkpoint: str) -> tuple[GaussianMLE, Tensor, Tensor]:
    """Run a network over the test set of its config.

    Args:
        config_path: Path of the config.
        checkpoint: Path of the checkpoint.

    Returns:
        A codec for its heatmaps, (N, K, H, W) heatmaps, and (N, K, 2) true landmarks in heatmap px,
        NaN where they are not labelled.

    Raises:
        UserError: If something is missing or does not fit.
    """
    config = load_config(config_path, {})
    model = build_model(config, checkpoint, DEVICE)
    check_gaussians(model.head.decoder)
    codec = GaussianMLE(**settings_of_heatmaps(model.head.decoder))
    heatmaps, true = [], []
    with blame_user():
        for views in look_through(model, build_loader(config)):
            views.locate(codec)  # refuses a network of another size or with other landmarks
            heatmaps.append(views.plain.outputs)
            true.append(views.true)
    places = torch.from_numpy(np.concatenate(true)).float()
    return codec, torch.cat(heatmaps), codec.geometry.to_heatmap(places)


def markdown(noise: Noise) -> str:
    """All numbers, one a row."""
    ratio = noise.actual_error / noise.predicted_error
    rows = [
        ['', f'{noise.heatmap_size}x{noise.heatmap_size}'],
        ['residual per cell (peaks are about 1)', f'{noise.residual:.4f}'],
        *([f'correlation, {name}', f'{each:.2f}'] for name, each in noise.correlation.items()),
        ['height', _spread(noise.height)],
        [f'width in heatmap px (taught {noise.taught_width:g})', _spread(noise.width)],
        ['explained by a shifted bump', f'{noise.shape_explained:.1%}'],
        ['error predicted from the residual, input px', f'{noise.predicted_error:.3f}'],
        ['actual error, input px', f'{noise.actual_error:.3f} ({ratio:.1f} times)'],
        ['bias (x, y), input px', '{:+.2f}, {:+.2f}'.format(*noise.bias)],
        *([f'share of squared error: {name}', f'{s:.0%}'] for name, s in noise.shares.items()),
        *([f'rank corr. {name}', f'{each:.2f}'] for name, each in noise.rank_correlation.items()),
    ]
    return align(rows)


def _spread(mean_and_deviation: tuple[float, float]) -> str:
    return '{:.3f} +- {:.3f}'.format(*mean_and_deviation)


def build_parser(description: str) -> argparse.ArgumentParser:
    """Define the command line of a measurement of one network."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='config of MMPose with a heatmap head')
    parser.add_argument('checkpoint', help='its checkpoint (.pth)')
    parser.add_argument('--out', type=Path, help='file for the numbers (.json)')
    return parser


def run(arguments: argparse.Namespace) -> None:
    """Measure, print the table, and write the file that was asked for."""
    codec, heatmaps, true = collect(arguments.config, arguments.checkpoint)
    noise = analyse(codec, heatmaps, true)
    print(f'\n{len(heatmaps)} faces, {noise.landmarks} landmarks:\n\n{markdown(noise)}')
    if arguments.out is not None:
        facts = about('projects.multilat.noise', arguments.words, seed=0)
        facts.update(config=Path(arguments.config).name, faces=len(heatmaps))
        write_json(arguments.out, {**facts, **asdict(noise)})
        print(f'Written: {arguments.out}')


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(run, build_parser(__doc__), arguments)


if __name__ == '__main__':
    sys.exit(main())
