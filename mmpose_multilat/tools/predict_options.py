"""The command line of `predict`."""

import argparse
from pathlib import Path

from mmpose_multilat.inference import OneEuroSettings
from mmpose_multilat.inference.detector_defaults import FACE_LABELS, LEAST_SCORE
from mmpose_multilat.inference.drawings import DRAWN
from mmpose_multilat.inference.landmarker import BATCH_SIZE
from mmpose_multilat.tools import options
from mmpose_multilat.visualization import DRAWN_SHARE

WHOLE, DETECT = 'whole', 'detect'

DEFAULT_OUT = Path('outputs/predict')
SMOOTHING = OneEuroSettings()


def build_parser(description: str) -> argparse.ArgumentParser:
    """Define the command line.

    Args:
        description: What --help says first.
    """
    parser = options.new_parser('predict', description)
    add = parser.add_argument
    add('inputs', nargs='+', metavar='INPUT', help='images, videos, folders, patterns, webcams')
    add('--config', help='config of MMPose with a top-down model')
    add('--checkpoint', help='its checkpoint (.pth)')
    add('--model', metavar='FILE', help='a network from export_onnx (.onnx) instead of both')
    add('--device', default='', help="'cpu', 'cuda:0' ... (default: a GPU if there is one)")
    add(
        '--batch-size',
        type=int,
        default=BATCH_SIZE,
        metavar='N',
        help=f'faces at once (default: {BATCH_SIZE})',
    )
    add('--max-frames', type=int, metavar='N', help='read N frames of each video (default: all)')
    options.add_config_options(parser, 'model.test_cfg.flip_test=False')
    add(
        '--min-score',
        type=float,
        metavar='SCORE',
        help='drop faces whose landmarks have a lower mean score, mostly false alarms of the '
        'detector (default: keep all; 0.7 suits networks with Gaussian heatmaps)',
    )
    _add_boxes(parser)
    _add_output(parser)
    return parser


def _add_boxes(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group('where the faces are').add_argument
    add(
        '--box',
        choices=[DETECT, WHOLE],
        help="detect: OpenCV's detector of frontal faces (default); whole: the whole image",
    )
    add('--boxes', type=Path, metavar='FILE', help='JSON with known boxes, see above')
    add('--detector-config', metavar='FILE', help='config of MMDetection')
    add('--detector-checkpoint', metavar='FILE', help='its checkpoint')
    add(
        '--detector-labels',
        nargs='+',
        type=int,
        metavar='N',
        help=f'its categories that are faces, from 0 (default: {" ".join(map(str, FACE_LABELS))})',
    )
    add(
        '--detector-threshold',
        type=float,
        metavar='SCORE',
        help=f'drops boxes below this score (default: {LEAST_SCORE})',
    )


def _add_output(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group('results').add_argument
    add('--out', type=Path, default=DEFAULT_OUT, help=f'result folder (default: {DEFAULT_OUT})')
    add('--overwrite', action='store_true', help='replace earlier results there, once all is done')
    add('--draw', action='store_true', help=f'also write images and videos (MP4) to {DRAWN}/')
    add(
        '--covariances',
        action='store_true',
        help='say how far every landmark may be off: covariances of (x, y) in squared px of the '
        f'image, drawn as ellipses that hold {DRAWN_SHARE:.0%}% of the errors; the decoder must '
        'be GaussianMLE, KeyPosS or POPoS, a --model exported with covariances',
    )
    add(
        '--edges',
        action='store_true',
        default=None,
        help='draw which landmarks each listened to, the strongest edges of a GraphRefinementHead '
        '(with --draw)',
    )
    add(
        '--smooth',
        action='store_true',
        help='follow faces through videos and smooth their landmarks by the One-Euro filter',
    )
    add(
        '--min-cutoff',
        type=float,
        metavar='HZ',
        help='cutoff frequency at rest; lower is smoother '
        f'(with --smooth; default: {SMOOTHING.min_cutoff})',
    )
    add(
        '--beta',
        type=float,
        metavar='HZ',
        help='rise of the cutoff at a speed of one box side per second; higher lags less '
        f'(with --smooth; default: {SMOOTHING.beta})',
    )
    add(
        '--derivative-cutoff',
        type=float,
        metavar='HZ',
        help='cutoff frequency of the speed '
        f'(with --smooth; default: {SMOOTHING.derivative_cutoff})',
    )
