"""Encode landmarks as ideal heatmaps, decode them, and print the error of every decoder.

No network takes part: this is the error that a decoder adds by itself (KeyPosS table 1), or with
--noise its error when every cell carries independent Gaussian noise.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

import numpy as np
import torch
from mmengine.utils import track_iter_progress

from mmpose_multilat.codecs import Dark, HeatmapCodec, KeyPosS, OneHot, POPoS, TwoHot
from mmpose_multilat.multilateration import encode_gaussian, input_to_heatmap
from mmpose_multilat.tools.command_line import UserError, run_tool

INPUT_SIZE = (256, 256)
CROP_PADDING = 1.25
"""MMPose's crop: 1.25 times the longer side of the box."""

FACES_PER_BATCH = 64

DECODERS: dict[str, tuple[type, dict]] = {
    'one-hot': (OneHot, {}),
    'two-hot': (TwoHot, {}),
    'DARK': (Dark, {}),
    'KeyPosS 2x2': (KeyPosS, {}),
    'KeyPosS 3x3': (KeyPosS, dict(kernel_size=3)),
    'POPoS grid': (POPoS, dict(solver='grid')),
    'POPoS exact': (POPoS, dict(solver='exact')),
    'POPoS gauss_newton': (POPoS, dict(solver='gauss_newton')),
}


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'annotations', type=Path, help='.npz with keypoints (N, K, 2) and bbox (N, 4: x, y, w, h)'
    )
    parser.add_argument('--sizes', type=int, nargs='+', default=[64, 32, 16, 8, 4])
    parser.add_argument('--eyes', type=int, nargs=2, default=[36, 45], help='outer eye corners')
    parser.add_argument('--sigma', type=float, default=2.0, help='in heatmap px')
    parser.add_argument('--alignment', choices=['msra', 'udp'], default='msra')
    parser.add_argument('--noise', type=float, default=0.0, help='standard deviation per cell')
    parser.add_argument('--seed', type=int, default=0)
    return parser


def crop_landmarks(keypoints: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Landmarks as they stand in MMPose's 256 px crops.

    Args:
        keypoints: (N, K, 2) landmarks (x, y) in px of the picture.
        boxes: (N, 4) boxes (x, y, w, h) in px of the picture.

    Returns:
        (N, K, 2) landmarks (x, y) in input px.
    """
    centres = boxes[:, None, :2] + boxes[:, None, 2:] / 2
    sides = CROP_PADDING * boxes[:, 2:].max(1)[:, None, None]
    return (keypoints - centres) / sides * INPUT_SIZE + np.array(INPUT_SIZE) / 2


def round_trip_error(
    codec: HeatmapCodec, landmarks: np.ndarray, eyes: Sequence[int], noise: float, seed: int
) -> float:
    """Encode, add noise, decode; returns the NME by inter-ocular distance as a fraction.

    Args:
        codec: The decoder, which also gives size, sigma and alignment.
        landmarks: (N, K, 2) landmarks (x, y) in input px.
        eyes: Indices of the two outer eye corners.
        noise: Standard deviation of the Gaussian noise of every cell.
        seed: Seed of the noise; every decoder sees the same.
    """
    generator = torch.Generator().manual_seed(seed)
    distances = []
    for batch in torch.from_numpy(landmarks).float().split(FACES_PER_BATCH):
        place = input_to_heatmap(batch, codec.input_size, codec.heatmap_size, codec.alignment)
        heatmaps = encode_gaussian(place, codec.heatmap_size, codec.sigma)
        if noise:
            heatmaps = heatmaps + noise * torch.randn(heatmaps.shape, generator=generator)
        decoded, _ = codec.batch_decode(heatmaps)
        distances.append(np.linalg.norm(np.concatenate(decoded) - batch.numpy(), axis=-1))
    ocular = np.linalg.norm(landmarks[:, eyes[0]] - landmarks[:, eyes[1]], axis=-1)
    return float((np.concatenate(distances) / ocular[:, None]).mean())


def print_table(arguments: argparse.Namespace) -> None:
    """Measure every decoder at every size and print a Markdown table."""
    landmarks = read_landmarks(arguments.annotations, arguments.eyes)
    cases = [(label, size) for label in DECODERS for size in arguments.sizes]
    errors: list[float] = []
    for label, size in track_iter_progress(cases):
        kind, settings = DECODERS[label]
        codec = kind(
            INPUT_SIZE, (size, size), arguments.sigma, alignment=arguments.alignment, **settings
        )
        errors.append(
            round_trip_error(codec, landmarks, arguments.eyes, arguments.noise, arguments.seed)
        )
    print(f'\n\n{len(landmarks)} faces, NME by inter-ocular distance (fraction)\n')
    print('| | ' + ' | '.join(f'{size}x{size}' for size in arguments.sizes) + ' |')
    print('|---' * (len(arguments.sizes) + 1) + '|')
    for label in DECODERS:
        row = [error for case, error in zip(cases, errors) if case[0] == label]
        print(f'| {label} | ' + ' | '.join(f'{error:.4f}' for error in row) + ' |')


def read_landmarks(path: Path, eyes: Sequence[int]) -> np.ndarray:
    """(N, K, 2) landmarks of an annotation file in input px of their crops."""
    if not path.is_file():
        raise UserError(f'{path} does not exist')
    with np.load(path) as archive:
        missing = {'keypoints', 'bbox'} - set(archive)
        if missing:
            raise UserError(f'{path} has no {" and no ".join(sorted(missing))}')
        keypoints, boxes = (
            archive['keypoints'].astype(np.float64),
            archive['bbox'].astype(np.float64),
        )
    if max(eyes) >= keypoints.shape[1]:
        raise UserError(f'--eyes {eyes[0]} {eyes[1]}: {path} has {keypoints.shape[1]} landmarks')
    return crop_landmarks(keypoints, boxes)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(print_table, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())
