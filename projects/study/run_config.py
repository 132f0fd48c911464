"""The config of a run: its base and the few things that it changes."""

import os
from collections.abc import Mapping
from pathlib import Path
from pprint import pformat
from typing import Any

from .run import Run

ROOT = Path(__file__).parents[2]

FIRST_RATE = 2e-3
LAST_RATE = 1e-5
"""Learning rates of Adam in the first and the last epoch (POPoS section 4.2)."""

WARM_UP = 100
"""Iterations until the full learning rate, a little more than one epoch of ytf68."""

BATCH_SIZE = 32

KEPT_CHECKPOINTS = 2
"""One would do, but a run whose config changes begins anew."""

LINE_WIDTH = 96


def config_changes(run: Run) -> dict[str, Any]:
    """Everything that a run sets over its base config, except where the data are."""
    return merged(run.changes, schedule_changes(run.epochs, run.seed))


def schedule_changes(epochs: int, seed: int) -> dict[str, Any]:
    """What all runs have in common: a full schedule in few epochs, and a seed.

    Args:
        epochs: Length of the training.
        seed: Seed of weights, order of the faces and augmentation.
    """
    return dict(
        train_cfg=dict(by_epoch=True, max_epochs=epochs, val_interval=epochs),
        optim_wrapper=dict(optimizer=dict(type='Adam', lr=FIRST_RATE)),
        param_scheduler=[
            dict(type='LinearLR', start_factor=0.001, begin=0, end=WARM_UP, by_epoch=False),
            dict(
                type='LinearLR',
                start_factor=1.0,
                end_factor=LAST_RATE / FIRST_RATE,
                begin=0,
                end=epochs,
                by_epoch=True,
            ),
        ],
        train_dataloader=dict(batch_size=BATCH_SIZE),
        default_hooks=dict(
            checkpoint=dict(interval=1, max_keep_ckpts=KEPT_CHECKPOINTS, save_best=None)
        ),
        randomness=dict(seed=seed),
    )


def merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Both dicts in one, at every depth; where they contradict each other the first one holds.

    Unlike MMEngine's, it keeps `_delete_`, which is for the base config.
    """
    result = {**first}
    for key, value in second.items():
        if key not in result:
            result[key] = value
        elif isinstance(result[key], Mapping) and isinstance(value, Mapping):
            result[key] = merged(result[key], value)
    return result


def config_text(run: Run, data: Path, folder: Path, author: str) -> str:
    """The Python text of the config of a run.

    Args:
        run: The run.
        data: Folder of ytf68.
        folder: Where the config will lie; its path to the base config depends on it.
        author: The study's module, named in the first line.
    """
    dataset = dict(dataset=dict(data_root=f'{data.absolute().as_posix()}/'))
    loaders = {f'{loop}_dataloader': dataset for loop in ('train', 'val', 'test')}
    base = Path(os.path.relpath(ROOT / run.base_config, folder)).as_posix()
    lines = [f'# {run.name}: written by {author}', f'_base_ = {base!r}']
    lines += [
        f'{key} = {pformat(value, width=LINE_WIDTH, sort_dicts=False)}'
        for key, value in merged(config_changes(run), loaders).items()
    ]
    return '\n'.join(lines) + '\n'
