"""From the names of files, folders, patterns and webcams to what there is to read."""

import glob
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import cv2

from mmpose_multilat.errors import UserError

from .formats import IMAGE_SUFFIXES, UNREAD_SUFFIXES, VIDEO_SUFFIXES
from .problems import Problems

NAMES_SHOWN = 3
"""How many files a message names before it only counts the rest."""

LARGEST_WEBCAM = 2**31 - 1
"""OpenCV takes indices of 32 bits."""

DIGITS_SHOWN = 20
"""Of a number in a message, which may be of any length."""

IMAGE, VIDEO, WEBCAM = 'image', 'video', 'webcam'


@dataclass(frozen=True)
class Source:
    """Something that images come from.

    Attributes:
        kind: 'image', 'video' or 'webcam'.
        name: Path as the user wrote it, with forward slashes; the index of a webcam.
    """

    kind: str
    name: str

    @property
    def moves(self) -> bool:
        """Whether its images follow each other in time."""
        return self.kind != IMAGE


def find_sources(words: Iterable[str], problems: Optional[Problems] = None) -> list[Source]:
    """Find what the user asks for.

    Args:
        words: Each a file, a folder (its images and videos, not those of its subfolders), a
            pattern with *, ? or [] (** for subfolders), or the index of a webcam. A file of that
            name comes before a pattern or an index.
        problems: Is told what of a folder or a pattern is left out.

    Returns:
        Sources in the order of the words, those of a folder or pattern sorted by name; what is
        named twice comes once.

    Raises:
        UserError: If a word leads to nothing.
    """
    sources = {}
    for word in words:
        for source in _sources_of(word, problems):
            key = source.name if source.kind == WEBCAM else os.path.abspath(source.name)
            sources.setdefault((source.kind, key), source)
    return list(sources.values())


def _sources_of(word: str, problems: Optional[Problems]) -> list[Source]:
    path = Path(word)
    if os.path.isdir(path):
        return _usable(word, 'the folder', path.iterdir(), problems)
    if os.path.exists(path):  # unlike Path.exists also for names too long for a file
        return [_file(path)]
    if word.isdecimal():
        return [Source(WEBCAM, _webcam(word))]
    if glob.has_magic(word):
        paths = map(Path, glob.glob(word, recursive=True))
        return _usable(word, 'the pattern', paths, problems)
    raise UserError(
        f'{word} does not exist; name images, videos, folders, patterns ("photos/**/*.jpg"), or '
        'the index of a webcam (0)'
    )


def _webcam(word: str) -> str:
    """The index of a webcam without leading zeros.

    Raises:
        UserError: If OpenCV cannot take it.
    """
    digits = word.lstrip('0') or '0'
    # The length first: Python refuses to read numbers of thousands of digits.
    if len(digits) > len(str(LARGEST_WEBCAM)) or int(digits) > LARGEST_WEBCAM:
        raise UserError(
            f'{word[:DIGITS_SHOWN]} is no file, and as index of a webcam above {LARGEST_WEBCAM}; '
            'webcams are 0, 1 ...'
        )
    return str(int(digits))


def _usable(
    word: str, kind: str, paths: Iterable[Path], problems: Optional[Problems]
) -> list[Source]:
    """Images and videos among files, sorted by name; hidden files are no user's images.

    Raises:
        UserError: If there is none.
    """
    known = (*IMAGE_SUFFIXES, *VIDEO_SUFFIXES)
    shown = sorted(path for path in paths if not path.name.startswith('.'))
    files = [path for path in shown if _is_file_with(path, (*known, *UNREAD_SUFFIXES))]
    if not files:
        raise UserError(f'{kind} {word} holds no image or video ({" ".join(known)})')
    left_out = [path for path in shown if path not in files]
    if left_out and problems is not None:
        problems.note(f'{kind} {word}: {_describe(left_out)}')
    return [_file(path) for path in files]


def _is_file_with(path: Path, suffixes: Sequence[str]) -> bool:
    return path.suffix.lower() in suffixes and path.is_file()


def _describe(left_out: Sequence[Path]) -> str:
    """Say how much is left out of a folder, with the first names."""
    folders = [path for path in left_out if path.is_dir()]
    files = [path for path in left_out if path not in folders]
    words = []
    for kind, paths in (('files not named as images or videos', files), ('folders', folders)):
        if paths:
            names = ', '.join(path.name for path in paths[:NAMES_SHOWN])
            more = ', ...' if len(paths) > NAMES_SHOWN else ''
            words.append(f'{len(paths)} {kind} ({names}{more})')
    return f'left out {" and ".join(words)}'


def _file(path: Path) -> Source:
    """A file by its name; one of an unknown name is what OpenCV takes it for."""
    suffix = path.suffix.lower()
    if suffix in (*IMAGE_SUFFIXES, *UNREAD_SUFFIXES):
        return Source(IMAGE, path.as_posix())
    is_video = suffix in VIDEO_SUFFIXES or _holds_video(path)
    return Source(VIDEO if is_video else IMAGE, path.as_posix())


def _holds_video(path: Path) -> bool:
    """Whether OpenCV reads a file as a video, and not as an image."""
    if cv2.haveImageReader(str(path)):
        return False
    capture = cv2.VideoCapture(str(path))
    opened = capture.isOpened()
    capture.release()
    return opened


def places_below_common_folder(sources: Sequence[Source]) -> dict[Source, Path]:
    """Where results of each source belong in a result folder, all different.

    Args:
        sources: All sources of a run.

    Returns:
        Path of each file relative to the deepest folder that holds them all; 'webcam0' for a
        webcam.
    """
    parts = {
        source: Path(os.path.abspath(source.name)).parts
        for source in sources
        if source.kind != WEBCAM
    }
    shared = 0
    for level in zip(*(each[:-1] for each in parts.values())):
        if len(set(level)) > 1:
            break
        shared += 1
    # A file on another drive keeps its folders, without the drive.
    below = {source: Path(*each[max(shared, 1) :]) for source, each in parts.items()}
    webcams = {source: Path(f'webcam{source.name}') for source in sources if source not in below}
    return {**below, **webcams}
