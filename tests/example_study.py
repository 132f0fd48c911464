"""A small study of nothing, and processes that pretend to train and decode."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from projects.study.definition import Definition
from projects.study.run import Run

MODULE = 'projects.example'

COLOURS = ('red', 'green', 'blue')

HARDWARE = dict(processor='a processor', cores=2, device='CPU', threads=1, workers=2)

TRAINING = """
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
start = folder / 'training' / '20300101_000000'
(start / 'vis_data').mkdir(parents=True)
(start / f'{start.name}.log').touch()
records = [dict(loss=0.5, loss_kpt=0.5, epoch=1), dict(loss=0.25, loss_kpt=0.25, epoch=2)]
(start / 'vis_data' / 'scalars.json').write_text(
    ''.join(json.dumps(record) + '\\n' for record in [*records, dict(NME=0.1, step=2)])
)
(folder / 'training' / 'epoch_2.pth').touch()
(folder / 'training' / 'last_checkpoint').write_text(str(folder / 'training' / 'epoch_2.pth'))
"""
"""Leaves what MMEngine leaves after two epochs."""

DECODING = """
import json, pathlib, sys
measured = dict(device='CPU', threads=1, decode_seconds=1, faces=3, landmarks=68)
measured['nme'] = {'one-hot': 0.2, 'KeyPosS': 0.1, 'POPoS': 0.05, 'GaussianMLE': 0.04}
(pathlib.Path(sys.argv[1]) / 'decoded.json').write_text(json.dumps(measured))
"""


@dataclass(frozen=True)
class ExampleRun(Run):
    """A run that differs by its colour."""

    colour: str
    size: int
    seed: int
    epochs: int

    @property
    def name(self) -> str:
        return f'{self.colour}_hm{self.size}_seed{self.seed}'

    @property
    def description(self) -> dict[str, Any]:
        return dict(colour=self.colour, size=self.size, seed=self.seed, epochs=self.epochs)

    @property
    def base_config(self) -> Path:
        return Path('configs/_base_/default_runtime.py')

    @property
    def changes(self) -> dict[str, Any]:
        return dict(
            model=dict(colour=self.colour, loss=dict(_delete_=True, type='Loss')),
            train_dataloader=dict(dataset=dict(pipeline=['paint'])),
        )


def all_runs(epochs: int, sizes: list[int], seeds: list[int]) -> list[Run]:
    """Every colour at every size with every seed."""
    return [ExampleRun(c, size, n, epochs) for n in seeds for size in sizes for c in COLOURS]


def write_report(results: list, folder: Path, epochs: int, command: str) -> list[Path]:
    """One line for each result."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / 'README.md'
    page.write_text('\n'.join([command, *sorted(result.run.name for result in results)]))
    return [page]


EXAMPLE = Definition(
    module=MODULE,
    description='An example.',
    results=Path('projects/example/results'),
    work=Path('work_dirs/example'),
    plan=lambda given: all_runs(given.epochs, given.sizes, given.seeds),
    run_named=lambda name, epochs: next(
        (run for run in all_runs(epochs, [4, 8], [0, 1, 2]) if run.name == name), None
    ),
    run_of=lambda record: ExampleRun(
        record['colour'], record['size'], record['seed'], record['epochs']
    ),
    write_report=write_report,
)


def pretend(*programs: str) -> Callable[[Run, Path], list[list[str]]]:
    """Commands that take the place of training and decoding; they note what was begun."""

    def commands(run: Run, folder: Path) -> list[list[str]]:
        commands.begun.append(run.name)
        return [[sys.executable, '-S', '-c', text, str(folder)] for text in programs]

    commands.begun = []
    return commands
