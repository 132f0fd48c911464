"""What MMEngine writes while it trains: epoch, losses, time and checkpoints of a work folder."""

import json
import time
from pathlib import Path
from typing import Any

TIME_STAMP = '%Y%m%d_%H%M%S'
"""How MMEngine names the folder of one start of a training."""


def scalars(folder: Path) -> list[dict[str, Any]]:
    """Records of all starts of a training, oldest first, without an unfinished last line."""
    records = []
    for path in sorted(folder.glob('*/vis_data/scalars.json')):
        lines = path.read_text().split('\n')[:-1]
        records += [json.loads(line) for line in lines if line]
    return records


def epochs_begun(folder: Path) -> int:
    """Epoch that a training is in, counted from 1; 0 before the first record."""
    epochs = [record['epoch'] for record in scalars(folder) if 'epoch' in record]
    return epochs[-1] if epochs else 0


def last_losses(folder: Path) -> dict[str, float]:
    """The losses that were logged last, averaged over MMEngine's window of iterations."""
    training = [record for record in scalars(folder) if 'loss' in record]
    if not training:
        raise ValueError(f'{folder} has no training log')
    return {key: value for key, value in training[-1].items() if key.startswith('loss')}


def nme_by_epoch(folder: Path) -> list[dict[str, Any]]:
    """Every epoch that was validated, and its NME as a fraction; MMEngine calls the epoch step."""
    found = {record['step']: record['NME'] for record in scalars(folder) if 'NME' in record}
    return [dict(epoch=epoch, nme=nme) for epoch, nme in sorted(found.items())]


def starts(folder: Path) -> list[Path]:
    """Log of every start of a training."""
    return sorted(folder.glob('*/*.log'))


def seconds_trained(folder: Path) -> float:
    """Wall-clock time of all starts of a training, from the names and dates of their logs."""
    seconds = 0.0
    for path in starts(folder):
        begun = time.mktime(time.strptime(path.parent.name, TIME_STAMP))
        seconds += max(path.stat().st_mtime - begun, 0)
    return seconds


def checkpoints(folder: Path) -> list[Path]:
    """The checkpoints of the epochs of a training, whole or not, sorted by their names."""
    return sorted(folder.glob('epoch_*.pth'))


def remove_checkpoints(folder: Path) -> None:
    """Delete the weights of a finished run; its logs stay."""
    for path in [*folder.glob('*.pth'), folder / 'last_checkpoint']:
        path.unlink(missing_ok=True)
