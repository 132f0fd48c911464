"""The command: plan, train what is missing, report."""

import argparse
from collections import Counter
from pathlib import Path

from .attempt import make_commands
from .call import Call, Commands
from .definition import Definition
from .estimate import duration
from .options import check_data
from .run_config import ROOT
from .schedule import Failure, run_all


def study(
    definition: Definition,
    arguments: argparse.Namespace,
    root: Path = ROOT,
    commands: Commands = make_commands,
) -> list[Failure]:
    """Do what the command line says.

    Args:
        definition: The study.
        arguments: See `options.build_parser`.
        root: The checkout; results and work folders lie below it.
        commands: Gives the commands of a run, see `attempt.make_commands`.

    Returns:
        The runs that failed.
    """
    this = Call(definition, arguments, root, commands)
    print_plan(this)
    if arguments.list:
        return []
    if not arguments.tables:
        check_data(arguments.data)
        if this.missing:
            this.commit()  # better now than after the plan, as the failure of every run
    try:
        failures = [] if arguments.tables else train(this)
    finally:
        this.report()
    if failures:
        names = ', '.join(failure.run.name for failure in failures)
        print(f'{len(failures)} runs failed: {names}. The same command tries them again.')
    return failures


def train(this: Call) -> list[Failure]:
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


def print_plan(this: Call) -> None:
    """Say what the study consists of, what is done, and how long the rest takes."""
    done = len(this.plan) - len(this.missing)
    counts = Counter(run.cost for run in this.missing)
    examples = {run.cost: run for run in this.missing}
    print(f'{this.name}: {len(this.plan)} runs of {this.arguments.epochs} epochs, {done} done.')
    for example in sorted(examples.values(), key=lambda run: (run.size, run.cost)):
        source = 'measured' if this.estimate.is_measured(example) else 'a rough guess'
        each = duration(this.estimate.of(example))
        print(f'  {example.cost}: {counts[example.cost]} runs to do, {each} each ({source})')
    left = this.estimate.left(this.missing, [], this.arguments.workers)
    print(f'About {duration(left)} with {this.arguments.workers} runs at a time.')
    if this.arguments.list:
        for run in this.plan:
            print(f'  {"missing" if run in this.missing else "done   "} {run.name}')
