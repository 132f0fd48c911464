"""Time of a training step with every loss: network forward and backward, losses, no data loading.

    python projects/benchmarks/training_step.py [--size 64] [--batch 4] [--steps 7] [--device cpu]

The recipes take turns, so that a busy machine disturbs all alike; medians are compared.
"""

import argparse
import statistics
import sys
import time
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.structures import InstanceData, PixelData
from mmengine.utils import ProgressBar
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample
from torch import nn

import mmpose_multilat  # noqa: F401  (registers the losses and the head)

CONFIG = 'configs/face_2d_keypoint/popos/wflw/popos_hrnetv2-w18_4xb32-100e_wflw-256x256-hm{size}.py'
MSE = dict(type='KeypointMSELoss', use_target_weight=True)
ANCHOR = dict(type='MultilaterationAnchorLoss', loss_weight=6.0)
COORDINATE = dict(
    type='MultilaterationHead',
    coordinate_loss=dict(type='SmoothL1Loss', use_target_weight=True),
    min_score=-1.0,  # an untrained network scores low, and every landmark shall be decoded
)
RECIPES: dict[str, dict[str, Any]] = {
    'MSE': dict(loss=MSE),
    'MSE + anchor': dict(loss=dict(type='LossSum', losses=[MSE, ANCHOR])),
    'MSE + coordinate': dict(loss=MSE, **COORDINATE),
    'MSE + anchor + coordinate': dict(
        loss=dict(type='LossSum', losses=[MSE, ANCHOR]), **COORDINATE
    ),
}


def build(size: int, changes: dict[str, Any], device: str) -> nn.Module:
    """The network of a shipped config with another head."""
    config = Config.fromfile(CONFIG.format(size=size))
    config.model.backbone.init_cfg = None
    model = dict(config.model, head=dict(config.model.head, **changes))
    model = MODELS.build(model).to(device)
    model.train()
    return model


def make_labels(codec: Any, batch: int, device: str) -> list[PoseDataSample]:
    """Labels of random landmarks."""
    random = np.random.default_rng(0)
    samples = []
    for _ in range(batch):
        encoded = codec.encode(random.uniform(10, 245, (1, 98, 2)))
        tensors = {name: torch.from_numpy(value).to(device) for name, value in encoded.items()}
        fields = PixelData(heatmaps=tensors.pop('heatmaps'))
        labels = InstanceData(**tensors)
        samples.append(PoseDataSample(gt_fields=fields, gt_instance_labels=labels))
    return samples


def step(model: nn.Module, images: torch.Tensor, samples: list[PoseDataSample]) -> float:
    """Seconds of one forward and backward pass, without MMPose's accuracy on the host."""
    start = time.perf_counter()
    features = model.extract_feat(images)
    losses = model.head.loss(features, samples, train_cfg=dict(compute_acc=False))
    sum(value for name, value in losses.items() if 'loss' in name).backward()
    if images.is_cuda:
        torch.cuda.synchronize()
    model.zero_grad()
    return time.perf_counter() - start


def medians_of_turns(
    models: dict[str, nn.Module],
    images: torch.Tensor,
    samples: list[PoseDataSample],
    steps: int,
) -> dict[str, float]:
    """Median seconds of a step of each model; the models take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in models}
    progress = ProgressBar((steps + 1) * len(models))
    for turn in range(steps + 1):
        for name, model in models.items():
            elapsed = step(model, images, samples)
            progress.update()
            if turn:  # the first step of each warms up
                seconds[name].append(elapsed)
    return {name: statistics.median(values) for name, values in seconds.items()}


def main() -> int:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--size', type=int, default=64, choices=[64, 32, 16, 8, 4])
    parser.add_argument('--batch', type=int, default=4, help='faces in a step')
    parser.add_argument('--steps', type=int, default=7, help='steps of each recipe')
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    arguments = parser.parse_args()
    init_default_scope('mmpose')
    models = {
        name: build(arguments.size, changes, arguments.device) for name, changes in RECIPES.items()
    }
    images = torch.rand(arguments.batch, 3, 256, 256, device=arguments.device)
    samples = make_labels(models['MSE'].head.decoder, arguments.batch, arguments.device)
    medians = medians_of_turns(models, images, samples, arguments.steps)
    print(
        f'\n\n{arguments.size}x{arguments.size}, 98 landmarks, batch {arguments.batch}, '
        f'{arguments.device}, {torch.get_num_threads()} threads, torch {torch.__version__}, '
        f'median of {arguments.steps}\n\n| loss | ms per face | ratio to MSE |\n|---|---|---|'
    )
    for name, median in medians.items():
        print(f'| {name} | {1000 * median / arguments.batch:.1f} | {median / medians["MSE"]:.3f} |')
    return 0


if __name__ == '__main__':
    sys.exit(main())
