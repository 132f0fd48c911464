"""Which checkpoint a training goes on from after a crash: the newest one that is whole."""

import inspect
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import torch

POINTER = 'last_checkpoint'
"""MMEngine's file with the path of the checkpoint that was written last."""

TEMPLATES = ('epoch_{}.pth', 'iter_{}.pth')
"""How MMEngine names the checkpoints that a training can go on from."""

# Newer versions of torch read what is asked for, here a few numbers, and not all weights.
_LAZY = {'mmap': True} if 'mmap' in inspect.signature(torch.load).parameters else {}


class NothingToResumeError(Exception):
    """There was a training, and none of its checkpoints can be read; the message names them."""


@dataclass(frozen=True)
class Found:
    """A checkpoint in a work folder.

    Attributes:
        path: The file.
        saved: When it was written, as MMEngine notes it (20261128_070502), and after how many
            batches; None if it cannot be read.
        fault: What is wrong with it, '' if nothing is known.
    """

    path: Path
    saved: Optional[tuple[str, int]] = None
    fault: str = ''

    def __str__(self) -> str:
        return f'{self.path.name} ({self.fault})' if self.fault else self.path.name


@dataclass(frozen=True)
class Choice:
    """What a training goes on from.

    Attributes:
        path: The checkpoint; None where there is none and the training starts at the beginning.
        reason: What was chosen, and why.
        expected: Whether it is what `last_checkpoint` names, and nothing was left out.
    """

    path: Optional[Path]
    reason: str
    expected: bool


def choose_checkpoint(work_dir: Path, folder: Path, templates: Sequence[str] = TEMPLATES) -> Choice:
    """Choose the newest whole checkpoint of a training.

    The newest is the one that was written last, as it says itself: neither the time of the file,
    which copying changes, nor its number counts, since a second training in the same folder begins
    at 1 again. What `last_checkpoint` says is only reported: after a crash it may be missing, empty
    or out of date.

    Args:
        work_dir: The work folder with `last_checkpoint`.
        folder: Where the checkpoints lie.
        templates: Names of the checkpoints with {} for the number.

    Returns:
        The choice.

    Raises:
        NothingToResumeError: If there is a checkpoint, or was one, and none is whole.
    """
    text = _read_pointer(work_dir)
    paths = find_checkpoints(folder, templates)
    named = _named_file(text, work_dir, paths)
    elsewhere = [] if named is None or named in paths else [named]
    whole, faulty = _newest_whole([*paths, *elsewhere])
    notes = [f'left out: {", ".join(map(str, faulty))}'] if faulty else []
    if named is None:
        notes.insert(0, _pointer_fault(text))
    if whole is not None:
        if named not in (None, whole, *(each.path for each in faulty)):
            notes.insert(0, f'{POINTER} names {named.name}, which is older')
        reason = '; '.join([f'resuming from {whole}, the newest whole checkpoint', *notes])
        return Choice(whole, reason, not notes)
    if faulty or text:
        raise NothingToResumeError(
            f'--resume: there is no whole checkpoint in {folder}; {"; ".join(notes)}. Name another '
            'one by --resume FILE, or leave --resume out to train from the beginning'
        )
    return Choice(None, f'nothing to resume in {folder}: training from the beginning', False)


def find_checkpoints(folder: Path, templates: Sequence[str] = TEMPLATES) -> list[Path]:
    """The files of a folder whose names are those of checkpoints, whole or not, sorted.

    Args:
        folder: A folder, which need not exist.
        templates: Names with {} for the number.
    """
    patterns = [re.escape(each).replace(r'\{\}', r'\d+') for each in templates]
    name = re.compile('|'.join(patterns))
    files = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in files if name.fullmatch(path.name) and path.is_file())


def _read_pointer(work_dir: Path) -> Optional[str]:
    """What `last_checkpoint` says, None if it does not exist."""
    pointer = work_dir / POINTER
    if not pointer.is_file():
        return None
    # A power cut can leave zeros.
    return pointer.read_text(encoding='utf-8', errors='replace').strip('\0 \n')


def _named_file(text: Optional[str], work_dir: Path, paths: Iterable[Path]) -> Optional[Path]:
    """The file that `last_checkpoint` names, as among `paths` if it is there."""
    if not text:
        return None
    # A work folder that was moved or copied keeps its checkpoints beside the pointer.
    files = [each for each in (work_dir / Path(text).name, Path(text)) if each.is_file()]
    same = [path for file in files[:1] for path in paths if path.samefile(file)]
    return next(iter(same + files), None)


def _pointer_fault(text: Optional[str]) -> str:
    if text:
        return f'{POINTER} names {Path(text).name}, which does not exist'
    return f'there is no {POINTER}' if text is None else f'{POINTER} is empty'


def _newest_whole(paths: Iterable[Path]) -> tuple[Optional[Path], list[Found]]:
    """The newest checkpoint whose every byte is right, and those that are faulty.

    Older ones are not read to their ends.
    """
    found = sorted(map(_examine, paths), key=lambda each: each.saved or ('', 0), reverse=True)
    faulty = [each for each in found if each.fault]
    for each in found:
        if not each.fault and _has_all_bytes(each.path):
            return each.path, faulty
        if not each.fault:
            faulty.append(Found(each.path, fault='damaged inside'))
    return None, faulty


def _examine(path: Path) -> Found:
    """Read when a checkpoint was written, or what is wrong with it."""
    try:
        # An error here is one in `Runner.resume`, which needs all of these.
        content = torch.load(str(path), map_location='cpu', **_LAZY)
        meta: dict[str, Any] = content['meta']
        saved = str(meta.get('time', '')), int(meta['iter'])
        return Found(path, saved) if 'epoch' in meta else Found(path, fault='without its epoch')
    except PermissionError as error:
        return Found(path, fault=error.strerror)
    except Exception as error:  # the unpickler meets any byte and raises what comes of it
        cut = f'cut off at {path.stat().st_size} bytes, or no checkpoint'
        return Found(
            path, fault=f'unusable, {type(error).__name__}' if zipfile.is_zipfile(path) else cut
        )


def _has_all_bytes(path: Path) -> bool:
    """Whether the parts of a checkpoint, a zip archive, have their checksums."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except (zipfile.BadZipFile, zlib.error, OSError):
        return False
