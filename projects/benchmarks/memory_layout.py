"""What `ChannelsLastHook` gains: time of a training step with both layouts of memory, every size.

    python -m projects.benchmarks.memory_layout [--batch 16] [--steps 9] [--device cpu]

The layouts take turns, so that a busy machine disturbs both alike; medians are compared.
"""

import argparse
import sys
from types import SimpleNamespace

import torch
from mmengine.registry import init_default_scope

from mmpose_multilat.engine import ChannelsLastHook

from .training_step import MSE, build, make_labels, medians_of_turns

LAYOUTS = ('channels first', 'channels last')


def main() -> int:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--sizes', type=int, nargs='+', default=[64, 32, 16, 8, 4])
    parser.add_argument('--batch', type=int, default=16, help='faces in a step')
    parser.add_argument('--steps', type=int, default=9, help='steps of each layout')
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    arguments = parser.parse_args()
    init_default_scope('mmpose')
    images = torch.rand(arguments.batch, 3, 256, 256, device=arguments.device)
    rows = []
    for size in arguments.sizes:
        models = {name: build(size, dict(loss=MSE), arguments.device) for name in LAYOUTS}
        hook = ChannelsLastHook(devices=(arguments.device,))
        hook.before_train(SimpleNamespace(model=models['channels last']))
        samples = make_labels(models['channels last'].head.decoder, len(images), arguments.device)
        medians = medians_of_turns(models, images, samples, arguments.steps)
        first, last = (1000 * medians[name] / len(images) for name in LAYOUTS)
        rows.append(f'| {size}x{size} | {first:.1f} | {last:.1f} | {first / last:.2f} |')
    print(
        f'\n\n98 landmarks, batch {arguments.batch}, {arguments.device}, '
        f'{torch.get_num_threads()} threads, torch {torch.__version__}, median of '
        f'{arguments.steps}; ms per face\n\n| heatmap | channels first | channels last | ratio |'
        '\n|---|---|---|---|'
    )
    print('\n'.join(rows))
    return 0


if __name__ == '__main__':
    sys.exit(main())
