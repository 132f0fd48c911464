"""Where checkpoints are stored: files that are whole, and old ones that go when new ones stand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Union

from mmengine.fileio import BaseStorageBackend, LocalBackend, register_backend

from mmpose_multilat.landmarks.whole_files import replacing

WHOLE_FILES = 'multilat_whole_files'
"""Name of `WholeFileBackend` in `backend_args=dict(backend=...)`."""


class WholeFileBackend(LocalBackend):
    """MMEngine's local files, but what is written is on the disk before it has its name."""

    def put(self, obj: bytes, filepath: Union[str, Path]) -> None:
        """Write a file that appears whole or not at all; see MMEngine's `LocalBackend.put`.

        Args:
            obj: Its content.
            filepath: The file; its folder is made, an earlier file is replaced.

        Raises:
            OSError: If it cannot be written; an earlier file is then as it was.
        """
        path = Path(filepath)
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path, flush=True) as part:
            part.write_bytes(obj)


register_backend(WHOLE_FILES, WholeFileBackend)


class RemovalsLast:
    """A storage backend that keeps what it is told to remove until `remove` is called.

    Args:
        backend: What does all the rest, and removes in the end.
    """

    def __init__(self, backend: BaseStorageBackend) -> None:
        self._backend = backend
        self._outdated: list[tuple[Callable[[str], None], str]] = []

    def __getattr__(self, name: str) -> Any:
        """Everything else is the backend's own."""
        return getattr(self._backend, name)

    def remove(self, filepath: str) -> None:
        """Remember a file."""
        self._outdated.append((self._backend.remove, filepath))

    def rmtree(self, dir_path: str) -> None:
        """Remember a folder."""
        self._outdated.append((self._backend.rmtree, dir_path))

    def remove_outdated(self, kept: set[str]) -> None:
        """Remove what was remembered.

        Args:
            kept: Files that stay: a new one may have the name of the one that it replaces.
        """
        for remove, path in self._outdated:
            if path not in kept:
                remove(path)
        self._outdated.clear()
