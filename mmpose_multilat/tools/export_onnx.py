"""Write a network and its decoder as one ONNX file: crop in, landmarks in px out.

The file is compared with PyTorch before it is put in its place, on Gaussian heatmaps, on synthetic
faces and on random crops; a difference of more than 0.01 px is an error. It needs no config beside
it: its metadata say how to cut and normalise crops, and which landmarks it finds. For images it is
run by `mmpose_multilat.inference.FaceLandmarker` and by `predict`, for crops by
`mmpose_multilat.deploy.OnnxModel`, onnxruntime itself or TensorRT. Where the decoder estimates
covariances (GaussianMLE, KeyPosS, POPoS) they are a third output, unless `--cfg-options
model.test_cfg.output_covariances=False` is given.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

import torch

from mmpose_multilat.analysis import has_flip_test
from mmpose_multilat.analysis.loading import load_config
from mmpose_multilat.deploy import (
    DiscrepancyError,
    LandmarkGraph,
    MissingPackageError,
    ModelDescription,
    OnnxModel,
    build_graph,
    export_onnx,
    save,
    verify,
)
from mmpose_multilat.deploy.requirements import require
from mmpose_multilat.inference.described_crops import check_described_crops
from mmpose_multilat.inference.estimators import build_estimator
from mmpose_multilat.settings import pipelines_of
from mmpose_multilat.tools import options
from mmpose_multilat.tools.command_line import UserError, blame_user, run_tool, tell_left_out
from mmpose_multilat.tools.result_folder import make_folder

DIFFERS = 1
"""Exit status if ONNX and PyTorch do not agree."""

SUFFIX = '.onnx'


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = options.new_parser('export_onnx', __doc__)
    options.add_network(parser, "config whose head's decoder is a codec of this package")
    parser.add_argument('out', type=Path, metavar='OUT.onnx', help='file to write')
    parser.add_argument(
        '--raw',
        action='store_true',
        help='take crops as they are, uint8 (B, h, w, C), mostly BGR, and normalise them in the '
        'graph; default: take normalised crops, float32 (B, C, h, w)',
    )
    parser.add_argument(
        '--from-image',
        action='store_true',
        help='take a whole image, uint8 (H, W, C), with boxes (N, 4) [x, y, w, h] of its faces in '
        'px, cut the crops in the graph, and put out landmarks in px of the image',
    )
    parser.add_argument(
        '--without-decoder',
        action='store_true',
        help='put out what the codec decodes, for example heatmaps, in the place of landmarks: for '
        'accelerators that lack the operators of decoders',
    )
    parser.add_argument(
        '--flip-test',
        action='store_true',
        help='look at every flipped crop too and average the landmarks; twice the time',
    )
    options.add_config_options(parser, 'model.head.decoder.type=KeyPosS')
    return parser


def export(arguments: argparse.Namespace) -> None:
    """Build the graph, translate it, compare it, write it."""
    check_output(arguments.out)
    check_packages()
    graph, description = prepare(arguments)
    start = time.perf_counter()
    print('Exporting; this takes half a minute to some minutes ...', flush=True)
    try:
        onnx_model = export_onnx(graph, description)
    except (RuntimeError, torch.onnx.OnnxExporterError) as error:
        raise UserError(f'the model cannot be exported: {error}') from error
    print(f'done in {time.perf_counter() - start:.0f} s. Comparing with PyTorch ...', flush=True)
    for agreement in verify(onnx_model, graph, description):
        print(agreement, flush=True)
    save(onnx_model, arguments.out)
    print(summary(arguments.out, OnnxModel(arguments.out).description))


def prepare(arguments: argparse.Namespace) -> tuple[LandmarkGraph, ModelDescription]:
    """The graph to export and its description.

    Args:
        arguments: config, checkpoint, cfg_options, raw, flip_test, from_image and without_decoder
            of the command line.

    Raises:
        UserError: If the network cannot be built or exported, or its test does what an exported
            model cannot.
    """
    config = load_config(arguments.config, arguments.cfg_options)
    model = build_estimator(config, arguments.checkpoint, 'cpu')
    with blame_user():
        graph, description = build_graph(
            model,
            arguments.raw,
            arguments.flip_test,
            Path(arguments.config).name,
            arguments.from_image,
            not arguments.without_decoder,
        )
    for pipeline in pipelines_of(config).values():
        tell_left_out(check_described_crops(pipeline, model.dataset_meta, description))
    if has_flip_test(model) and not arguments.flip_test:
        print(
            'note: model.test_cfg.flip_test=True is not in the file; add --flip-test to get what '
            'the test finds',
            file=sys.stderr,
        )
    return graph, description


def check_output(out: Path) -> None:
    """Refuse a file that could not be written at the end."""
    if out.suffix != SUFFIX:
        raise UserError(f'{out} must end in {SUFFIX}')
    if out.is_dir():
        raise UserError(f'{out} is a folder')
    make_folder(out.parent, 'OUT.onnx: its folder')


def check_packages() -> None:
    """Refuse to start without the packages that the end needs."""
    try:
        for name in ('onnx', 'onnxscript', 'onnxruntime'):
            require(name)
    except MissingPackageError as error:
        raise UserError(str(error)) from error


def summary(out: Path, description: ModelDescription) -> str:
    """What was written, in a few lines."""
    width, height = description.input_size
    raw, channels = description.is_raw, description.channels
    layout = f'(B, h, w, {channels})' if raw else f'(B, {channels}, h, w), normalised'
    taken = f'crops of {width} x {height} px, {description.input_type} {layout}'
    if description.takes_images:
        taken = f'image, uint8 (H, W, {channels}), and boxes, float32 (N, 4) [x, y, w, h]'
    given = f'landmarks by {description.codec["type"]}'
    if not description.decodes:
        given = f'maps to be decoded by {description.codec["type"]}'
    return (
        f'{out}: {out.stat().st_size / 1e6:.1f} MB\n'
        f'  {taken}, {description.channel_order}\n'
        f'  {description.landmarks} {given} from '
        f'{description.heatmap_size[0]} x {description.heatmap_size[1]} cells'
        f'{", flip test" if description.flip_test else ""}'
    )


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status, 1 if ONNX and PyTorch do not agree."""
    try:
        return run_tool(export, build_parser(), arguments)
    except DiscrepancyError as error:
        print(f'error: {error}; nothing was written', file=sys.stderr)
        return DIFFERS


if __name__ == '__main__':
    sys.exit(main())
