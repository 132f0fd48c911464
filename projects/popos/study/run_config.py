"""The config of a run: its base in projects/popos/configs and the few things that it changes."""

import os
from pathlib import Path
from pprint import pformat
from typing import Any

from .plan import Run
from .recipes import head_changes

ROOT = Path(__file__).parents[3]

FIRST_RATE = 2e-3
LAST_RATE = 1e-5
"""Learning rates of Adam in the first and the last epoch (POPoS section 4.2)."""

WARM_UP = 100
"""Iterations until the full learning rate, a little more than one epoch of ytf68."""

BATCH_SIZE = 32

KEPT_CHECKPOINTS = 2
"""MMEngine deletes before it writes: with one, a stop in between would leave none to resume."""

LINE_WIDTH = 96


def base_config(run: Run) -> Path:
    """The config that a run starts from, relative to the repository root."""
    size = run.size
    return Path(f'projects/popos/configs/popos_hrnetv2-w18_1xb32-30e_ytf68-256x256-hm{size}.py')


def config_changes(run: Run) -> dict[str, Any]:
    """Everything that a run sets over its base config, except where the data are."""
    epochs = run.epochs
    return dict(
        model=dict(head=head_changes(run.recipe, run.size, run.settings)),
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
        randomness=dict(seed=run.seed),
    )


def config_text(run: Run, data: Path, folder: Path) -> str:
    """The Python text of the config of a run.

    Args:
        run: The run.
        data: Folder of ytf68.
        folder: Where the config will lie; its path to the base config depends on it.
    """
    changes = config_changes(run)
    for loop in ('train', 'val', 'test'):
        loader = changes.setdefault(f'{loop}_dataloader', {})
        loader['dataset'] = dict(data_root=f'{data.absolute().as_posix()}/')
    base = Path(os.path.relpath(ROOT / base_config(run), folder)).as_posix()
    lines = [f'# {run.name}: written by projects.popos.study', f'_base_ = {base!r}']
    lines += [
        f'{key} = {pformat(value, width=LINE_WIDTH, sort_dicts=False)}'
        for key, value in changes.items()
    ]
    return '\n'.join(lines) + '\n'
