"""Files that are written under another name until they are complete."""

import os
import sys
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Optional


class PartWriter(AbstractContextManager, ABC):
    """What writes files that get their names in the end, also at the end of a `with` statement."""

    @abstractmethod
    def finish(self, ended_by: Optional[type[BaseException]]) -> None:
        """Close what is being written and give it its name, see `settle`.

        Args:
            ended_by: What ended the writing, None where all was written.
        """

    def close(self) -> None:
        """Finish when all was written."""
        self.finish(None)

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.finish(kind)


def settle(part: Path, path: Path, ended_by: Optional[type[BaseException]] = None) -> None:
    """Give a file its name when nothing more is written to it, but never at the cost of results.

    What is complete gets its name and replaces what was there. Ctrl-C is how the run of a webcam
    ends: what it leaves gets its name too where nothing has it. Otherwise earlier results stay, and
    the error stream names the part, unless it is empty and removed.

    Args:
        part: The file as it was written, closed.
        path: The name it is meant for.
        ended_by: What ended the writing, None where all was written.
    """
    if ended_by is None or (ended_by is KeyboardInterrupt and not path.exists()):
        os.replace(part, path)
    elif part.stat().st_size:
        print(f'{path} was not written; what there is stands in {part}', file=sys.stderr)
    else:
        part.unlink()
