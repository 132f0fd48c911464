"""What MMPose's flip test does to small heatmaps, beside two exact ones.

    python projects/popos/flip_border.py CONFIG CHECKPOINT

`shift_heatmap=True` moves the flipped heatmap one cell to the right, where one cell less one input
px would be right (`alignment='msra'`), and leaves its first column as it was, so that this column
repeats the second: 1 of 64 columns at 64x64, 1 of 4 at 4x4. The same network is decoded without
flip test; with MMPose's; with the first column taken from the unflipped heatmap; so and with the
flipped heatmap moved exactly; and with the landmarks of both images averaged
(`flip_mode='coordinates'`).
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace

import torch
from mmpose.structures import PoseDataSample
from torch import Tensor

from mmpose_multilat.analysis import Views, build_evaluator, decoders_like, look_through
from mmpose_multilat.analysis.loading import build_loader, build_model, load_config
from mmpose_multilat.codecs import HeatmapCodec, geometry_of
from mmpose_multilat.models.heads import decoding_with, to_instances
from mmpose_multilat.models.pose_estimators import COORDINATES, locate_view
from mmpose_multilat.tools.command_line import UserError, blame_user, run_tool

VARIANTS = (
    'none',
    "MMPose's",
    'first column not flipped',
    'exact, heatmaps',
    'exact, landmarks',
)


def averages(plain: Tensor, flipped: Tensor, width: int) -> tuple[Tensor, ...]:
    """(B, K, H, W) heatmaps for each variant that decodes heatmaps, in the order of `VARIANTS`.

    Args:
        plain: (B, K, H, W) heatmaps of the images.
        flipped: Those of the flipped images, flipped, sides swapped.
        width: Width of the images in px.
    """
    whole = torch.cat((flipped[..., :1], flipped[..., :-1]), -1)
    pixel = plain.shape[-1] / width  # in cells
    exact = (1 - pixel) * whole + pixel * flipped  # linear interpolation between the cells
    mean, exact_mean = (plain + whole) / 2, (plain + exact) / 2
    kept = plain[..., :1]
    repaired = (torch.cat((kept, each[..., 1:]), -1) for each in (mean, exact_mean))
    return plain, mean, *repaired


def predict_all(views: Views, codec: HeatmapCodec) -> Iterator[list[PoseDataSample]]:
    """Predict a batch by each variant, in the order of `VARIANTS`.

    Args:
        views: What the network makes of the batch.
        codec: The decoder.

    Yields:
        The same samples with other predictions each time.
    """
    plain, model = views.plain, views.estimator
    flipped = views.flipped.outputs.flip(-1)[:, views.partners]
    for heatmaps in averages(plain.outputs, flipped, plain.width):
        with decoding_with(model.head, codec):
            found = locate_view(model, replace(plain, outputs=heatmaps))
        yield model.add_pred_to_datasample(to_instances(found, codec), None, views.samples)
    yield views.predict(codec, flip_test=True)


def measure(arguments: argparse.Namespace) -> None:
    """Print the NME of every decoder and variant."""
    config = load_config(arguments.config, {})
    model = build_model(config, arguments.checkpoint, arguments.device)
    if geometry_of(model.head.decoder).alignment != 'msra':
        raise UserError("the decoder must have alignment='msra'; MMPose's flip test is exact else")
    model.test_cfg['flip_mode'] = COORDINATES
    loader = build_loader(config)
    decoders = decoders_like(model.head.decoder)
    evaluators = {
        (variant, label): build_evaluator(config.test_evaluator, loader)
        for variant in VARIANTS
        for label in decoders
    }
    with blame_user():
        for views in look_through(model, loader):
            for label, codec in decoders.items():
                for variant, samples in zip(VARIANTS, predict_all(views, codec)):
                    evaluators[variant, label].process([each.to_dict() for each in samples])
    print('\n| flip test | ' + ' | '.join(decoders) + ' |\n|---' + '|---' * len(decoders) + '|')
    for variant in VARIANTS:
        errors = [evaluators[variant, label].evaluate(len(loader.dataset)) for label in decoders]
        cells = [f'{100 * error["NME"]:.2f}' for error in errors]
        print(f'| {variant} | ' + ' | '.join(cells) + ' |')


def main() -> int:
    """Run the tool; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config', help='config of heatmaps, with a decoder of this package')
    parser.add_argument('checkpoint', help='its checkpoint (.pth)')
    parser.add_argument(
        '--device',
        default='cuda:0' if torch.cuda.is_available() else 'cpu',
        help='(default: a GPU if there is one)',
    )
    return run_tool(measure, parser)


if __name__ == '__main__':
    sys.exit(main())
