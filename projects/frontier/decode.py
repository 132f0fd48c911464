"""Decode a trained network with every decoder, and count its parameters and operations."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Optional

from mmpose_multilat.inference.configs import load_config
from mmpose_multilat.tools.command_line import run_tool
from projects.study import decode as common

from .networks import complexity_of


def decode(arguments: argparse.Namespace) -> None:
    """Run the network, decode, count, write all."""
    measured, _ = common.measure(arguments.config, arguments.checkpoint)
    complexity = asdict(complexity_of(load_config(arguments.config, {})))
    arguments.out.write_text(json.dumps(dict(measured, complexity=complexity)))


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(decode, common.build_parser(__doc__), arguments)


if __name__ == '__main__':
    sys.exit(main())
