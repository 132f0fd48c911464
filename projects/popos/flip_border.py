"""What MMPose's shift of the flipped heatmap does to small heatmaps.

    python projects/popos/flip_border.py CONFIG CHECKPOINT

`shift_heatmap=True` moves the flipped heatmap one cell to the right and leaves its first column as
it was, so that this column repeats the second: 1 of 64 columns at 64x64, 1 of 4 at 4x4. The
same network is decoded without flip test, with MMPose's, and with the first column taken from the
unflipped heatmap.
"""

import argparse
import sys
from typing import Any

import torch
from mmengine.evaluator import Evaluator
from mmengine.utils import track_iter_progress
from mmpose.apis import init_model
from mmpose.models.utils.tta import flip_heatmaps
from torch import Tensor

from mmpose_multilat.tools.command_line import run_tool
from mmpose_multilat.tools.compare_decoders import build_loader, load_config
from mmpose_multilat.tools.decoder_comparison import decode, decoders_like

VARIANTS = ('no flip test', 'flip test of MMPose', 'first column not flipped')


@torch.no_grad()
def heatmaps_of(model: Any, inputs: Tensor, flip_indices: list[int]) -> dict[str, Tensor]:
    """(B, K, H, W) heatmaps of a batch for every variant."""
    plain = model.head.forward(model.extract_feat(inputs))
    flipped = flip_heatmaps(
        model.head.forward(model.extract_feat(inputs.flip(-1))),
        flip_indices=flip_indices,
        shift_heatmap=True,
    )
    mean = (plain + flipped) / 2
    repaired = torch.cat((plain[..., :1], mean[..., 1:]), -1)
    return dict(zip(VARIANTS, (plain, mean, repaired)))


def measure(arguments: argparse.Namespace) -> None:
    """Print the NME of every decoder and variant."""
    config = load_config(arguments.config, {})
    model = init_model(config, arguments.checkpoint, device=arguments.device)
    loader = build_loader(config)
    decoders = decoders_like(model.head.decoder)
    evaluators = {}
    for key in ((variant, label) for variant in VARIANTS for label in decoders):
        evaluators[key] = Evaluator(config.test_evaluator)
        evaluators[key].dataset_meta = loader.dataset.metainfo
    for batch in track_iter_progress((loader, len(loader))):
        data = model.data_preprocessor(batch, training=False)
        samples = data['data_samples']
        flip_indices = samples[0].metainfo['flip_indices']
        for variant, heatmaps in heatmaps_of(model, data['inputs'], flip_indices).items():
            for label, codec in decoders.items():
                decoded = decode(model, codec, heatmaps, samples)
                evaluators[variant, label].process([sample.to_dict() for sample in decoded])
    print('\n\n| NME (%) | ' + ' | '.join(decoders) + ' |\n|---' + '|---' * len(decoders) + '|')
    for variant in VARIANTS:
        errors = [evaluators[variant, label].evaluate(len(loader.dataset)) for label in decoders]
        cells = [f'{100 * error["NME"]:.2f}' for error in errors]
        print(f'| {variant} | ' + ' | '.join(cells) + ' |')


def main() -> int:
    """Run the tool; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config')
    parser.add_argument('checkpoint')
    parser.add_argument('--device', default='cuda:0' if torch.cuda.is_available() else 'cpu')
    return run_tool(measure, parser)


if __name__ == '__main__':
    sys.exit(main())
