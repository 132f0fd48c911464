"""What all measurements of this folder write beside their numbers."""

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmpose_multilat.analysis import surroundings
from mmpose_multilat.tools.command_line import UserError

DEVICE = 'cpu'
"""Where everything here is measured; no number depends on it beyond rounding."""


def about(module: str, words: Sequence[str], seed: int) -> dict[str, Any]:
    """When, how and where a measurement was made.

    Args:
        module: What stands behind `python -m`.
        words: The arguments behind it.
        seed: Of everything random.
    """
    return dict(
        date=surroundings.now(),
        command=shlex.join(['python', '-m', module, *words]),
        hardware=surroundings.hardware(DEVICE),
        versions=surroundings.versions(),
        seed=seed,
    )


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a file, with the folders above it.

    Raises:
        UserError: If that is not possible.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=1) + '\n', encoding='utf-8')
    except OSError as error:
        raise UserError(f'--out {path} cannot be written: {error}') from error
