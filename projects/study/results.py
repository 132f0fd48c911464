"""The file that a finished run leaves, and what is read back from these files."""

import json
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .run import Run
from .run_config import config_changes

RunOf = Callable[[dict[str, Any]], Run]


@dataclass(frozen=True)
class Result:
    """A run and the content of its file.

    Args:
        run: The run.
        record: The content, see `make_record`.
    """

    run: Run
    record: dict[str, Any]

    @property
    def nme(self) -> dict[str, float]:
        """NME as a fraction, by the label of the decoder."""
        return self.record['nme']

    @property
    def seconds(self) -> float:
        """Time of training and decoding."""
        return self.record['train_seconds'] + self.record['decode_seconds']


def make_record(run: Run, **measured: Any) -> dict[str, Any]:
    """What is written about a run: what it was, how to repeat it, what came out."""
    return dict(
        name=run.name,
        **run.description,
        base_config=run.base_config.as_posix(),
        overrides=config_changes(run),
        **measured,
    )


def write_record(record: dict[str, Any], folder: Path) -> Path:
    """Write a file that is there completely or not at all; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f'{record["name"]}.json'
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=f'.{path.stem}', suffix='.part')
    try:
        with os.fdopen(descriptor, 'w') as file:
            file.write(json.dumps(record, indent=1) + '\n')
        os.chmod(temporary, 0o644)  # mkstemp lets nobody else read
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    return path


def read_results(folder: Path, run_of: RunOf) -> tuple[list[Result], list[str]]:
    """Read what is in a folder of results.

    Args:
        folder: The folder.
        run_of: Gives the run of a file's content, see `definition.Definition`.

    Returns:
        Results of runs as this study trains them today, and the names of files that do not count:
        unreadable, or made with other settings.
    """
    results, stale = [], []
    for path in sorted(folder.glob('*.json')):
        try:
            results.append(read_result(path, run_of))
        except (ValueError, KeyError, TypeError):
            stale.append(path.name)
    return results, stale


def read_result(path: Path, run_of: RunOf) -> Result:
    """Read one file.

    Args:
        path: The file.
        run_of: Gives the run of a file's content, see `definition.Definition`.

    Raises:
        ValueError: If it is not JSON, or its run would be trained otherwise today.
        KeyError, TypeError: If it is JSON of something else.
    """
    record = json.loads(path.read_text())
    run = run_of(record)
    # Tuples become lists in JSON.
    expected = json.loads(json.dumps(make_record(run)))
    different = [key for key, value in expected.items() if record[key] != value]
    if different or path.stem != run.name:
        raise ValueError(f'{path.name} was made with other {", ".join(different) or "names"}')
    return Result(run, record)


def missing(plan: Iterable[Run], results: Iterable[Result]) -> list[Run]:
    """Runs of a plan that have no result, in the order of the plan."""
    done = {result.run for result in results}
    return [run for run in plan if run not in done]
