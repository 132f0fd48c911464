"""Measure how uncertain the landmarks of a network really are, and calibrate their covariances.

The codecs GaussianMLE, KeyPosS and POPoS give each landmark a covariance that is right for
independent noise on the cells of the heatmap. A trained network errs more than that. This runs it
over the test set of its config (use faces that it was not trained on), and finds the factor
`covariance_scale` by which the covariances have to grow. Whether one factor is enough is tried by
fitting it to half of the faces and looking at the other half, several times.

Examples:
    python -m mmpose_multilat.tools.calibrate CONFIG CHECKPOINT
    python -m mmpose_multilat.tools.calibrate CONFIG CHECKPOINT --decoders GaussianMLE --fit median
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional

from mmpose_multilat.analysis import (
    Fitted,
    fit_decoders,
    has_flip_test,
    measure_residuals,
    surroundings,
    unfit_decoders,
)
from mmpose_multilat.analysis.calibration.decoders import decoders_with_covariances
from mmpose_multilat.analysis.calibration.report import as_json, markdown, setting
from mmpose_multilat.analysis.loading import build_loader, build_model, load_config
from mmpose_multilat.analysis.pipeline_warnings import warn_of_pipeline
from mmpose_multilat.evaluation.calibration import FITS
from mmpose_multilat.inference.devices import choose_device
from mmpose_multilat.landmarks.whole_files import write_json
from mmpose_multilat.models.heads import codec_of
from mmpose_multilat.tools import options
from mmpose_multilat.tools.command_line import (
    blame_user,
    check_least,
    extra,
    print_left_out,
    repeat,
    run_tool,
)
from mmpose_multilat.tools.result_folder import check_folder, make_folder
from mmpose_multilat.visualization.reliability import plot_reliability

DRAWS = 20


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = options.new_parser('calibrate', __doc__)
    options.add_network(parser, 'config of MMPose with a heatmap head')
    options.add_out(parser, 'outputs/calibration')
    options.add_decoders(
        parser, 'GaussianMLE POPoS:num_anchors=25', 'all that estimate covariances'
    )
    add = parser.add_argument
    add(
        '--fit',
        choices=list(FITS),
        default='mean_square',
        help='what the printed factor makes right: the mean square of the normalised errors '
        '(default), or their median, which a few gross errors do not move',
    )
    add(
        '--group',
        default='person',
        metavar='FIELD',
        help='field of the annotations or image records; faces of one group go into the same '
        'half (default: person; where it is missing every image is a group)',
    )
    add('--draws', type=int, default=DRAWS, help=f'how often to draw halves (default: {DRAWS})')
    add('--seed', type=int, default=0, help='of the first draw; the others count on from it')
    options.add_limit(parser)
    options.add_device(parser)
    options.add_config_options(parser, 'model.test_cfg.flip_test=False')
    return parser


def run(arguments: argparse.Namespace) -> None:
    """Run the network, fit, print the table and the settings, write numbers and plot."""
    check_least(arguments, draws=1, seed=0)
    check_folder(arguments.out)
    device = choose_device(arguments.device)
    config = load_config(arguments.config, arguments.cfg_options)
    model = build_model(config, arguments.checkpoint, device)
    codec = codec_of(model.head)
    decoders = decoders_with_covariances(codec, arguments.decoders)
    print_left_out({} if arguments.decoders else unfit_decoders(codec))
    loader = build_loader(config, arguments.limit)
    warn_of_pipeline(loader, decoders.values())
    print(f'{len(loader.dataset)} faces, {len(decoders)} decoders:')
    seeds = range(arguments.seed, arguments.seed + arguments.draws)
    with blame_user():
        residuals = measure_residuals(model, loader, decoders, arguments.group)
        results = fit_decoders(decoders, residuals, seeds)
    facts = dict(
        config=Path(arguments.config).name,
        checkpoint=Path(arguments.checkpoint).name,
        command=repeat('calibrate', arguments.words),
        **surroundings.describe(device),
        faces=len(residuals.groups),
        groups=len(set(residuals.groups)),
        grouped_by=arguments.group if residuals.grouped else None,
        heatmap_size=list(codec.heatmap_size),
        input_size=list(codec.input_size),
        flip_test=has_flip_test(model),
        seed=arguments.seed,
    )
    show(results, facts, arguments)
    write(results, facts, arguments.out)


def show(results: list[Fitted], facts: dict[str, Any], arguments: argparse.Namespace) -> None:
    """Print the tables of both fits, and what to write into the config."""
    by = facts['grouped_by']
    groups = f'{facts["groups"]} groups by {by!r}' if by else 'every image for itself'
    flip = 'on' if facts['flip_test'] else 'off'
    print(f'\n{facts["faces"]} faces ({groups}), flip test {flip}.')
    for way in FITS:
        print(
            f'\n--fit {way}; factor of all faces; variance of the normalised error (1 is right) '
            f'and share of the errors\nin ellipses for 50 ... 95 %, both of the half that was not '
            f'fitted to, {arguments.draws} draws:\n\n{markdown(results, way)}'
        )
    print('\nFor the config (model.head.decoder):')
    for each in results:
        print(f'    {setting(each, arguments.fit)}')
        if each.left_out:
            print(f'    ({each.left_out} landmarks have no covariance)')


def write(results: list[Fitted], facts: dict[str, Any], folder: Path) -> None:
    """Write calibration.json and reliability.png."""
    make_folder(folder)
    write_json(folder / 'calibration.json', {**facts, 'decoders': as_json(results)})
    width, height = facts['heatmap_size']
    title = f'{width}x{height} heatmaps, the half of the faces that was not fitted to'
    curves = {each.decoder: each.reliability for each in results}
    written = ['calibration.json']
    with extra('reliability.png'):
        plot_reliability(curves, folder / 'reliability.png', title)
        written.append('reliability.png')
    print(f'Written to {folder}: {", ".join(written)}')


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(run, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())
