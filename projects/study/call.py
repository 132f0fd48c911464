"""One call of the command: its folders, its plan, and what is done with each run."""

import argparse
import json
import os
import shlex
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

import torch

from mmpose_multilat.analysis import surroundings

from . import facts, log
from .attempt import DECODED, Attempt, lock_folder, prepare_folder
from .definition import Definition
from .estimate import Estimate
from .options import check, folder_name, select
from .progress import Progress
from .records import add_records
from .results import Result, make_record, missing, read_results
from .run import Run
from .schedule import Failure

Commands = Callable[[Run, Path], list[list[str]]]

KEEP_MEMORY = {
    'MALLOC_MMAP_THRESHOLD_': str(2**32),
    'MALLOC_TRIM_THRESHOLD_': str(2**33),
}
"""In bytes. The GNU C library gives large blocks back to the system after every use, and they have
to be cleared when they are taken anew. One trial, no file kept: a step of 32 faces at 16x16 took
0.52 instead of 0.58 s (one thread of an AMD EPYC, torch 2.13.0, 2026-11-20)."""


def processor_environment(workers: int) -> dict[str, str]:
    """Variables for trainings on a processor, so many at a time."""
    # Trainings that share a processor slow each other down with more threads.
    threads = {'OMP_NUM_THREADS': '1'} if workers > 1 else {}
    return {**KEEP_MEMORY, **threads}


class Call:
    """Folders and facts of one call of a study's command.

    Args:
        definition: The study.
        arguments: See `options.build_parser`.
        root: The checkout; results and work folders lie below it.
        make_commands: Gives the commands of a run, see `attempt.make_commands`.
    """

    def __init__(
        self,
        definition: Definition,
        arguments: argparse.Namespace,
        root: Path,
        make_commands: Commands,
    ) -> None:
        check(arguments)
        self.definition = definition
        self.arguments = arguments
        self.root = root
        self.name = folder_name(arguments)
        self.results_folder = root / definition.results / self.name
        self.work_folder = root / definition.work / self.name
        self.plan = select(definition, arguments)
        definition.prepare(arguments, self.plan, self.results_folder)
        results, _ = self.read()
        self.missing = missing(self.plan, results)
        self.processor = surroundings.processor_name()
        self.versions = surroundings.versions()
        has_gpu = torch.cuda.is_available()
        self.device = torch.cuda.get_device_name() if has_gpu else 'CPU'
        self.environment = {} if has_gpu else processor_environment(arguments.workers)
        self.estimate = Estimate(results, self.processor, self.device)
        self.progress = Progress(
            len(self.plan), len(self.plan) - len(self.missing), self.estimate, arguments.workers
        )
        self._make_commands = make_commands
        self._commits: dict[Run, Optional[str]] = {}

    def read(self) -> tuple[list[Result], list[str]]:
        """Results so far, and the names of runs that do not count."""
        return read_results(self.results_folder, self.definition.run_of)

    def commit(self) -> Optional[str]:
        """See `facts.commit`; the study's own results may change, for it writes them."""
        given = self.arguments
        return facts.commit(self.root, self.definition.results, given.allow_changes)

    def start(self, run: Run) -> Optional[Attempt]:
        """Begin a run or go on with it; None if another call of the command has finished it."""
        commit = self.commit()
        folder = self.work_folder / run.name
        folder.mkdir(parents=True, exist_ok=True)
        lock = lock_folder(folder)
        if run in {result.run for result in self.read()[0]}:
            os.close(lock)
            self.progress.done += 1
            return None
        prepare_folder(run, self.arguments.data, folder, self.definition.module)
        self._commits[run] = commit
        commands = self._make_commands(run, folder)
        return Attempt(run, folder, lock, commands, self.environment)

    def finish(self, attempt: Attempt) -> None:
        """Keep what a run has measured and drop its weights."""
        folder = attempt.folder
        decoded = json.loads((folder / DECODED).read_text())
        record = make_record(attempt.run, **self.measured(attempt, decoded))
        add_records([record], self.results_folder)
        result = Result(attempt.run, record)
        if not self.arguments.keep:
            log.remove_checkpoints(attempt.training)
        self.estimate.add(result)
        self.progress.done += 1
        shown = ', '.join(f'{label} {100 * nme:.2f}' for label, nme in result.nme.items())
        self.progress.say(f'{attempt.run.name}: NME in % {shown}')

    def measured(self, attempt: Attempt, decoded: dict[str, Any]) -> dict[str, Any]:
        """What a run's record says beside the run itself."""
        hardware = dict(
            processor=self.processor,
            cores=facts.cores(),
            device=decoded.pop('device'),
            threads=decoded.pop('threads'),
            workers=self.arguments.workers,
        )
        return dict(
            starts=len(log.starts(attempt.training)),
            train_seconds=round(log.seconds_trained(attempt.training), 1),
            loss=log.last_losses(attempt.training),
            **decoded,
            date=datetime.now(timezone.utc).isoformat(timespec='seconds'),
            commit=self._commits[attempt.run],
            hardware=hardware,
            versions=self.versions,
        )

    def command(self) -> str:
        """The command that repeats this study; data folders differ, so only its last part stays."""
        given = self.arguments
        words = ['--data', f'data/{given.data.absolute().name}', '--epochs', given.epochs]
        words += ['--name', given.name] if given.name else []
        return shlex.join(['python', '-m', self.definition.module, *map(str, words)])

    def report_failure(self, failure: Failure) -> None:
        """Say at once that a run failed."""
        self.progress.say(f'failed: {failure.run.name}: {failure.reason}')

    def report(self) -> None:
        """Write tables and plots of all results, those of other calls of the command included."""
        epochs = self.arguments.epochs
        results, stale = self.read()
        write = self.definition.write_report
        written = write(results, self.results_folder, epochs, self.command())
        print(f'Written: {", ".join(map(str, written))}')
        if stale:
            print(f'Left out, made with other settings: {", ".join(stale)}')
