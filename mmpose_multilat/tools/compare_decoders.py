"""Decode one checkpoint with every decoder and compare error and time.

The network runs once over the test set of the config; its heatmaps (flip test as in the config) are
decoded by one-hot, two-hot, DARK, KeyPosS, POPoS and GaussianMLE. Works with every config of MMPose
whose head puts out heatmaps, ours or stock; nothing is trained.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Optional

import cv2
import torch
from mmengine.logging import MMLogger
from mmpose.evaluation.metrics import NME
from mmpose.registry import METRICS

from mmpose_multilat.analysis import (
    DecoderResult,
    Face,
    compare_decoders,
    decoders_like,
    has_flip_test,
    main_nme,
    misfits,
)
from mmpose_multilat.analysis.comparison_report import faces_by_decoder, markdown
from mmpose_multilat.analysis.loading import (
    build_loader,
    build_model,
    check_gaussians,
    load_config,
)
from mmpose_multilat.analysis.pipeline_warnings import warn_of_pipeline
from mmpose_multilat.evaluation import FaceAlignmentMetric
from mmpose_multilat.inference.devices import choose_device
from mmpose_multilat.landmarks.whole_files import write_json, write_whole
from mmpose_multilat.models.heads import codec_of
from mmpose_multilat.settings import has_class, metrics_of
from mmpose_multilat.tools import options
from mmpose_multilat.tools.command_line import (
    UserError,
    blame_user,
    check_least,
    extra,
    print_left_out,
    run_tool,
)
from mmpose_multilat.tools.result_folder import make_folder
from mmpose_multilat.visualization import plot_nme_by_decoder

METRICS_WITH_NME = NME, FaceAlignmentMetric

Results = dict[str, DecoderResult]


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = options.new_parser('compare_decoders', __doc__)
    options.add_network(parser, 'config of MMPose with a heatmap head')
    options.add_out(parser, 'outputs/decoders')
    options.add_device(parser)
    parser.add_argument('--faces', type=int, default=4, help='faces to draw (default: 4)')
    options.add_config_options(parser)
    return parser


def compare(arguments: argparse.Namespace) -> None:
    """Run the network, decode with every decoder, write tables and images."""
    check_least(arguments, faces=0)
    config = load_config(arguments.config, arguments.cfg_options)
    device = choose_device(arguments.device)
    model = build_model(config, arguments.checkpoint, device)
    codec = codec_of(model.head)
    check_gaussians(codec)
    check_evaluator(config.get('test_evaluator'))
    loader = build_loader(config)
    make_folder(arguments.out)
    print_left_out(misfits(codec))
    decoders = decoders_like(codec)
    warn_of_pipeline(loader, decoders.values())
    # The metric's tables of every decoder would bury the comparison.
    MMLogger.get_current_instance().setLevel('WARNING')
    print(f'Decoding {len(loader.dataset)} faces with every decoder:')
    with blame_user():
        results, faces = compare_decoders(
            model, loader, config.test_evaluator, decoders, arguments.faces
        )
    facts = dict(
        config=Path(arguments.config).name,
        checkpoint=Path(arguments.checkpoint).name,
        faces=len(loader.dataset),
        landmarks=len(loader.dataset[0]['data_samples'].gt_instances.keypoints[0]),
        heatmap_size=list(codec.heatmap_size),
        flip_test=has_flip_test(model),
        batch_size=loader.batch_size,
        device=torch.cuda.get_device_name(device) if 'cuda' in device else 'CPU',
        threads=torch.get_num_threads(),
        torch=torch.__version__,
    )
    with blame_user():
        write_results(arguments.out, facts, results, faces)


def check_evaluator(evaluator: Any) -> None:
    """Refuse an evaluator without NME.

    Args:
        evaluator: `test_evaluator` of a config, see `metrics_of`.
    """
    if not any(has_class(each, METRICS_WITH_NME, METRICS) for each in metrics_of(evaluator)):
        names = ' or '.join(kind.__name__ for kind in METRICS_WITH_NME)
        raise UserError(
            f'test_evaluator has no metric of type {names}; a list of metrics keeps those that are '
            "there: test_evaluator = [_base_.test_evaluator, dict(type='FaceAlignmentMetric')]"
        )


def write_results(
    out: Path, facts: dict[str, Any], results: Results, faces: Sequence[Face]
) -> None:
    """Print the table; write it, the numbers, and what can be drawn, into a folder."""
    table = markdown(results)
    width, height = facts['heatmap_size']
    title = f'{facts["faces"]} faces, {facts["landmarks"]} landmarks, {width}x{height} heatmaps'
    conditions = (
        f'{title}, flip test {"on" if facts["flip_test"] else "off"}; decoding time on '
        f'{facts["device"]}, {facts["threads"]} threads, batches of {facts["batch_size"]}'
    )
    print(f'\n{table}\n\n{conditions}')
    write_whole(out / 'decoders.md', f'{table}\n\n{conditions}\n')
    rows = {label: asdict(result) for label, result in results.items()}
    write_json(out / 'decoders.json', {**facts, 'decoders': rows})
    nme = {label: main_nme(result.metrics) for label, result in results.items()}
    with extra('nme_by_decoder.png'):
        plot_nme_by_decoder(nme, out / 'nme_by_decoder.png', title)
    with extra('faces.png'):
        page = faces_by_decoder(faces)
        if page is not None:
            cv2.imwrite(str(out / 'faces.png'), page)
    print(f'Written to {out}: {", ".join(sorted(path.name for path in out.iterdir()))}')


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(compare, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())
