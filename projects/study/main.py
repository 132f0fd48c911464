"""A study as a program."""

from collections.abc import Sequence
from typing import Optional

from mmpose_multilat.tools.command_line import run_tool

from .command import study
from .definition import Definition
from .options import build_parser


def main(definition: Definition, arguments: Optional[Sequence[str]] = None) -> int:
    """Run a study; returns 0, 1 if a run failed, 2 after a mistake, 130 after Ctrl-C."""
    failures = []
    status = run_tool(
        lambda parsed: failures.extend(study(definition, parsed)),
        build_parser(definition),
        arguments,
    )
    return status or int(bool(failures))
