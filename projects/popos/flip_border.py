"""What MMPose's flip test does to small heatmaps, beside two exact ones.

    python projects/popos/flip_border.py CONFIG CHECKPOINT

`shift_heatmap=True` moves the flipped heatmap one cell to the right, where one cell less one input
px would be right (`alignment='msra'`), and leaves its first column as it was, so that this column
repeats the second: 1 of 64 columns at 64x64, 1 of 4 at 4x4. The same network is decoded without
flip test; with MMPose's; with the first column taken from the unflipped heatmap; so and with the
flipped heatmap moved exactly; and with the landmarks of both pictures averaged
(`flip_mode='coordinates'`).
"""

import argparse
import sys
from typing import Any

import torch
from mmengine.evaluator import Evaluator
from mmengine.utils import track_iter_progress
from mmpose.apis import init_model
from torch import Tensor

from mmpose_multilat.tools.command_line import UserError, run_tool
from mmpose_multilat.tools.compare_decoders import build_loader, load_config
from mmpose_multilat.tools.decoder_comparison import decode
from mmpose_multilat.tools.matching_decoders import decoders_like, settings_of_heatmaps

VARIANTS = (
    'none',
    "MMPose's",
    'first column not flipped',
    'exact, heatmaps',
    'exact, landmarks',
)


@torch.no_grad()
def heatmaps_of(model: Any, inputs: Tensor) -> Tensor:
    """(B, K, H, W) heatmaps of a batch."""
    return model.head.forward(model.extract_feat(inputs))


def averages(plain: Tensor, flipped: Tensor, width: int) -> tuple[Tensor, ...]:
    """(B, K, H, W) heatmaps for each variant that decodes heatmaps, in the order of `VARIANTS`.

    Args:
        plain: (B, K, H, W) heatmaps of the pictures.
        flipped: Those of the mirror images, flipped, sides swapped.
        width: Width of the pictures in px.
    """
    whole = torch.cat((flipped[..., :1], flipped[..., :-1]), -1)
    pixel = plain.shape[-1] / width  # in cells
    exact = (1 - pixel) * whole + pixel * flipped  # linear interpolation between the cells
    mean, exact_mean = (plain + whole) / 2, (plain + exact) / 2
    kept = plain[..., :1]
    repaired = (torch.cat((kept, each[..., 1:]), -1) for each in (mean, exact_mean))
    return plain, mean, *repaired


def decode_all(model: Any, codec: Any, pair: tuple[Tensor, Tensor], samples: list) -> list:
    """Decoded samples of a batch for each variant, in the order of `VARIANTS`.

    Args:
        model: The pose estimator.
        codec: The decoder.
        pair: (B, K, H, W) heatmaps of the pictures and of their mirror images.
        samples: B samples.
    """
    plain, mirrored = pair
    flipped = mirrored.flip(-1)[:, samples[0].metainfo['flip_indices']]
    heatmaps = averages(plain, flipped, codec.input_size[0])
    return [
        *(decode(model, codec, each, samples) for each in heatmaps),
        decode(model, codec, pair, samples),
    ]


def measure(arguments: argparse.Namespace) -> None:
    """Print the NME of every decoder and variant."""
    config = load_config(arguments.config, {})
    model = init_model(config, arguments.checkpoint, device=arguments.device)
    if settings_of_heatmaps(model.head.decoder)['alignment'] != 'msra':
        raise UserError("the decoder must have alignment='msra'; MMPose's flip test is exact else")
    loader = build_loader(config)
    decoders = decoders_like(model.head.decoder)
    evaluators = {}
    for key in ((variant, label) for variant in VARIANTS for label in decoders):
        evaluators[key] = Evaluator(config.test_evaluator)
        evaluators[key].dataset_meta = loader.dataset.metainfo
    for batch in track_iter_progress((loader, len(loader))):
        data = model.data_preprocessor(batch, training=False)
        inputs, samples = data['inputs'], data['data_samples']
        pair = heatmaps_of(model, inputs), heatmaps_of(model, inputs.flip(-1))
        for label, codec in decoders.items():
            for variant, decoded in zip(VARIANTS, decode_all(model, codec, pair, samples)):
                evaluators[variant, label].process([each.to_dict() for each in decoded])
    print('\n\n| flip test | ' + ' | '.join(decoders) + ' |\n|---' + '|---' * len(decoders) + '|')
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
