"""Images of what a trained RHT-S makes of a reference, as the paper's figures 1 and 4.

Targets and references are synthetic faces. `features.jpg`: the target, its reference, the weights A
of equation (3), the transformed features F_S and F_E (root mean square over channels) at the finest
scale, and the heatmaps that the network finds for landmarks and boundaries (maximum over channels).
`boundaries.jpg`: what `BoundaryHeatmap` draws for each annotation scheme at 128x128.

    python -m projects.rht.images CONFIG CHECKPOINT --out projects/rht
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmpose.apis import init_model
from mmpose.registry import DATASETS
from torch import Tensor

from mmpose_multilat.codecs import BoundaryHeatmap
from mmpose_multilat.datasets.synthetic import Request, generate, write_data_sets
from mmpose_multilat.models.layers import Transformed
from mmpose_multilat.models.pose_estimators.locating import look
from mmpose_multilat.tools.command_line import run_tool

FACES = 4
"""Targets, each with the next one's reference."""

SEED = 3

SCHEMES = ('wflw', 'ibug', 'cofw', 'aflw')

COLUMNS = 'target', 'reference', 'weights A', 'soft F_S', 'hard F_E', 'landmarks', 'boundaries'

DPI = 80


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = argparse.ArgumentParser(
        prog='python -m projects.rht.images',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('config', help='of a network of the study')
    parser.add_argument('checkpoint', help='its weights')
    parser.add_argument('--out', type=Path, default=Path('.'), help='folder (%(default)s)')
    return parser


def draw(arguments: argparse.Namespace) -> None:
    """Draw both images."""
    config = Config.fromfile(arguments.config)
    model = init_model(config, arguments.checkpoint, device='cpu')
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, figure in (
        ('features.jpg', features_figure(look_at_references(model, synthetic_batch(config)))),
        ('boundaries.jpg', boundaries_figure()),
    ):
        figure.savefig(arguments.out / name, dpi=DPI)
        print(arguments.out / name)


def synthetic_batch(config: Config) -> dict[str, Any]:
    """Faces as the config's test pipeline cuts them, each with another one as its reference."""
    with tempfile.TemporaryDirectory() as folder:
        write_data_sets(['300w'], folder, Request(train=FACES + 1, test=1, size=256, seed=SEED))
        faces = dict(
            type='Face300WDataset',
            data_root=f'{folder}/300w/',
            ann_file='annotations/face_landmarks_300w_train.json',
            data_prefix=dict(img='images/'),
        )
        *before, pack = config.test_dataloader.dataset.pipeline
        reference = dict(
            type='AddReference', reference='random', seed=SEED, dataset=dict(faces, pipeline=[])
        )
        dataset = DATASETS.build(dict(faces, pipeline=[*before, reference, pack]))
        return pseudo_collate([dataset[index] for index in range(FACES)])


@torch.no_grad()
def look_at_references(model: Any, batch: dict[str, Any]) -> list[list[np.ndarray]]:
    """For each face what `COLUMNS` name: RGB images, and maps of any range."""
    inside: list[Optional[Transformed]] = []
    hook = model.head.network.register_forward_hook(
        lambda _module, _inputs, answer: inside.append(answer[1])
    )
    data = model.data_preprocessor(batch)
    outputs = look(model, data['inputs'], data['data_samples']).outputs
    hook.remove()
    (transformed,) = inside
    references = [each.gt_instance_labels.reference_image[0] for each in data['data_samples']]
    columns = [
        [rgb(image) for image in batch['inputs']],
        [rgb(image) for image in references],
        transformed.weights[-1][:, 0].numpy(),
        strength(transformed.soft[-1]),
        strength(transformed.hard[-1]),
        outputs.heatmaps.amax(1).numpy(),
        outputs.boundary_heatmaps.amax(1).numpy(),
    ]
    return [list(row) for row in zip(*columns)]


def rgb(image: Tensor) -> np.ndarray:
    """(h, w, 3) image of a (3, h, w) one whose blue stands first."""
    return image.flip(0).permute(1, 2, 0).numpy()


def strength(features: Tensor) -> np.ndarray:
    """(B, H, W) root mean square over the channels of (B, C, H, W) features."""
    return features.square().mean(1).sqrt().numpy()


def features_figure(rows: Sequence[Sequence[np.ndarray]]) -> Figure:
    """A row for each face, a column for each of `COLUMNS`."""
    figure, axes = plt.subplots(
        len(rows), len(COLUMNS), figsize=(2 * len(COLUMNS), 2 * len(rows)), layout='constrained'
    )
    for line, maps in zip(axes, rows):
        for axis, image in zip(line, maps):
            axis.imshow(image)
            axis.set_axis_off()
    for axis, title in zip(axes[0], COLUMNS):
        axis.set_title(title)
    return figure


def boundaries_figure() -> Figure:
    """One face with the boundaries of every scheme, beside their heatmaps."""
    face = generate(SEED, 0)
    size = face.image.shape[1], face.image.shape[0]
    figure, axes = plt.subplots(
        2, len(SCHEMES), figsize=(3 * len(SCHEMES), 6), layout='constrained'
    )
    for name, (above, below) in zip(SCHEMES, axes.T):
        codec = BoundaryHeatmap(input_size=size, heatmap_size=(128, 128), scheme=name)
        landmarks = face.landmarks[name]
        encoded = codec.encode(landmarks[None].astype(np.float32))
        above.imshow(face.image[..., ::-1])
        above.plot(*landmarks.T, '.', color='lime', markersize=3)
        above.set_title(f'{name}: {len(landmarks)} landmarks, {codec.num_boundaries} boundaries')
        below.imshow(encoded['boundary_heatmaps'][0].max(0))
        for axis in (above, below):
            axis.set_axis_off()
    return figure


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(draw, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())
