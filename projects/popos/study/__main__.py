"""See `options.DESCRIPTION`."""

import sys
from collections.abc import Sequence
from typing import Optional

from mmpose_multilat.tools.command_line import run_tool

from .command import study
from .options import build_parser


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the study; returns 0, 1 if a run failed, 2 after a mistake, 130 after Ctrl-C."""
    failures = []
    status = run_tool(lambda parsed: failures.extend(study(parsed)), build_parser(), arguments)
    return status or int(bool(failures))


if __name__ == '__main__':
    sys.exit(main())
