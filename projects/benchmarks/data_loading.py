"""Where the time of one data-loading worker goes: ms of every transform of a training pipeline.

    python -m projects.benchmarks.data_loading [CONFIG ...] [--faces 400]

The transforms of the config's training set handle real faces one after another, as in a worker with
one thread. The row of the encoder shows what `GenerateTarget` costs with our codecs.
"""

import argparse
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import cv2
import torch
from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmengine.registry import init_default_scope
from mmengine.utils import track_iter_progress
from mmpose.registry import DATASETS

import mmpose_multilat  # noqa: F401  (registers the codecs)
from mmpose_multilat.settings import plain_datasets

FOLDER = Path('projects/popos/configs')
CONFIGS = [FOLDER / f'popos_hrnetv2-w18_1xb32-30e_ytf68-256x256-hm{size}.py' for size in (16, 64)]


def build_dataset(config: Path) -> BaseDataset:
    """The training set of a config; inside `RepeatDataset` or `ConcatDataset` the first one."""
    dataset = DATASETS.build(Config.fromfile(config).train_dataloader.dataset)
    return dataset if hasattr(dataset, 'pipeline') else next(plain_datasets(dataset))


def time_transforms(dataset: BaseDataset, faces: int) -> dict[str, list[float]]:
    """Seconds that every transform takes for each of some faces spread over the dataset.

    Args:
        dataset: A dataset with a pipeline.
        faces: How many of its faces.

    Returns:
        Seconds by the transform's class, in the order of the pipeline; a class that stands in the
        pipeline twice counts as one.
    """
    seconds: dict[str, list[float]] = defaultdict(list)
    step = max(1, len(dataset) // faces)
    for index in track_iter_progress(list(range(0, len(dataset), step))[:faces]):
        results: Any = dataset.get_data_info(index)
        for transform in dataset.pipeline.transforms:
            start = time.perf_counter()
            results = transform(results)
            seconds[type(transform).__name__].append(time.perf_counter() - start)
    return seconds


def table(seconds: dict[str, list[float]]) -> str:
    """Markdown table of the medians, means and shares."""
    total = sum(map(sum, seconds.values()))
    lines = ['| transform | ms (median) | ms (mean) | share |', '|---|---|---|---|']
    for name, values in seconds.items():
        lines.append(
            f'| {name} | {1000 * statistics.median(values):.3f} | '
            f'{1000 * statistics.mean(values):.3f} | {sum(values) / total:.1%} |'
        )
    return '\n'.join(lines)


def main() -> int:
    """Print a table for every config."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('configs', nargs='*', type=Path, default=CONFIGS, help='training configs')
    parser.add_argument('--faces', type=int, default=400, help='how many faces (default: 400)')
    arguments = parser.parse_args()
    # As MMEngine sets up its workers.
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    init_default_scope('mmpose')
    for config in arguments.configs:
        print(f'\n{config.name}, {arguments.faces} faces, one thread')
        seconds = time_transforms(build_dataset(config), arguments.faces)
        print(f'\n\n{table(seconds)}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
