"""The command: plan, train what is missing, report."""

import argparse
import json
import os
import shlex
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Callable, Optional

import torch

from . import facts, log
from .attempt import DECODED, Attempt, lock_folder, make_commands, prepare_folder
from .estimate import Estimate, duration
from .options import check, check_data, select
from .plan import Run
from .progress import Progress
from .report import write_report
from .results import make_record, missing, read_result, read_results, write_record
from .run_config import ROOT
from .schedule import Failure, run_all

Commands = Callable[[Run, Path], list[list[str]]]


class Study:
    """Folders and facts of one call of the command.

    Args:
        arguments: See `options.build_parser`.
        root: Results and work folders lie below it.
        make_commands: Gives the commands of a run, see `attempt.make_commands`.
    """

    def __init__(self, arguments: argparse.Namespace, root: Path, make_commands: Commands) -> None:
        check(arguments)
        self.arguments = arguments
        self.name = arguments.name or f'ytf68_{arguments.epochs}e'
        self.results_folder = root / 'projects' / 'popos' / 'results' / self.name
        self.work_folder = root / 'work_dirs' / 'popos_study' / self.name
        self.plan = select(arguments)
        results, _ = read_results(self.results_folder)
        self.missing = missing(self.plan, results)
        self.processor = facts.processor()
        self.versions = facts.versions()
        has_gpu = torch.cuda.is_available()
        self.device = torch.cuda.get_device_name() if has_gpu else 'CPU'
        # Trainings that share a processor slow each other down with more threads.
        self.environment = {'OMP_NUM_THREADS': '1'} if arguments.workers > 1 and not has_gpu else {}
        self.estimate = Estimate(results, self.processor, self.device)
        self.progress = Progress(
            len(self.plan), len(self.plan) - len(self.missing), self.estimate, arguments.workers
        )
        self._make_commands = make_commands
        self._commits: dict[Run, Optional[str]] = {}

    def start(self, run: Run) -> Optional[Attempt]:
        """Begin a run or go on with it; None if another call of the command has finished it."""
        folder = self.work_folder / run.name
        folder.mkdir(parents=True, exist_ok=True)
        lock = lock_folder(folder)
        if run in {result.run for result in read_results(self.results_folder)[0]}:
            os.close(lock)
            self.progress.done += 1
            return None
        prepare_folder(run, self.arguments.data, folder)
        self._commits[run] = facts.commit(ROOT)
        commands = self._make_commands(run, folder)
        return Attempt(run, folder, lock, commands, self.environment)

    def finish(self, attempt: Attempt) -> None:
        """Keep what a run has measured and drop its weights."""
        folder = attempt.folder
        decoded = json.loads((folder / DECODED).read_text())
        record = make_record(attempt.run, **self.measured(attempt, decoded))
        result = read_result(write_record(record, self.results_folder))
        if not self.arguments.keep:
            log.remove_checkpoints(attempt.training)
        self.estimate.add(result)
        self.progress.done += 1
        shown = ', '.join(f'{label} {100 * nme:.2f}' for label, nme in result.nme.items())
        self.progress.say(f'{attempt.run.name}: NME in % {shown}')

    def measured(self, attempt: Attempt, decoded: dict[str, Any]) -> dict[str, Any]:
        """What a run's file says beside the run itself."""
        hardware = dict(
            processor=self.processor,
            cores=facts.cores(),
            device=decoded.pop('device'),
            threads=decoded.pop('threads'),
            workers=self.arguments.workers,
        )
        return dict(
            command=self.command('--runs', attempt.run.name),
            date=datetime.now(timezone.utc).isoformat(timespec='seconds'),
            hardware=hardware,
            versions=self.versions,
            commit=self._commits[attempt.run],
            starts=len(log.starts(attempt.training)),
            train_seconds=round(log.seconds_trained(attempt.training), 1),
            loss=log.last_losses(attempt.training),
            **decoded,
        )

    def command(self, *more: str) -> str:
        """The command that repeats this study; data folders differ, so only its last part stays."""
        given = self.arguments
        words = ['--data', f'data/{given.data.absolute().name}', '--epochs', given.epochs]
        words += ['--name', given.name] if given.name else []
        return shlex.join(['python', '-m', 'projects.popos.study', *map(str, [*words, *more])])

    def report_failure(self, failure: Failure) -> None:
        """Say at once that a run failed."""
        self.progress.say(f'failed: {failure.run.name}: {failure.reason}')

    def report(self) -> None:
        """Write tables and plots of all results, those of other calls of the command included."""
        epochs = self.arguments.epochs
        results, stale = read_results(self.results_folder)
        written = write_report(results, self.results_folder, epochs, self.command())
        print(f'Written: {", ".join(map(str, written))}')
        if stale:
            print(f'Left out, made with other settings or unreadable: {", ".join(stale)}')


def study(
    arguments: argparse.Namespace, root: Path = ROOT, commands: Commands = make_commands
) -> list[Failure]:
    """Do what the command line says; returns the runs that failed."""
    this = Study(arguments, root, commands)
    print_plan(this)
    if arguments.list:
        return []
    if not arguments.tables:
        check_data(arguments.data)
    try:
        failures = [] if arguments.tables else train(this)
    finally:
        this.report()
    if failures:
        names = ', '.join(failure.run.name for failure in failures)
        print(f'{len(failures)} runs failed: {names}. The same command tries them again.')
    return failures


def train(this: Study) -> list[Failure]:
    """Run what is missing."""
    try:
        return run_all(
            this.missing,
            this.arguments.workers,
            start=this.start,
            finish=this.finish,
            fail=this.report_failure,
            show=this.progress.show,
        )
    except KeyboardInterrupt:
        this.progress.say('Stopped. The same command goes on from the last checkpoints.')
        raise


def print_plan(this: Study) -> None:
    """Say what the study consists of, what is done, and how long the rest takes."""
    done = len(this.plan) - len(this.missing)
    by_size = Counter(run.size for run in this.missing)
    print(f'{this.name}: {len(this.plan)} runs of {this.arguments.epochs} epochs, {done} done.')
    for size, count in sorted(by_size.items()):
        example = next(run for run in this.missing if run.size == size)
        source = 'measured' if this.estimate.is_measured(example) else 'a rough guess'
        each = duration(this.estimate.of(example))
        print(f'  {size}x{size}: {count} runs to do, {each} each ({source})')
    left = this.estimate.left(this.missing, [], this.arguments.workers)
    print(f'About {duration(left)} with {this.arguments.workers} runs at a time.')
    if this.arguments.list:
        for run in this.plan:
            print(f'  {"missing" if run in this.missing else "done   "} {run.name}')
