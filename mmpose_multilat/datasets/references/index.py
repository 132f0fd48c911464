"""The file that tells which reference fits each face of a test set, stored beside its images."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Optional

from mmpose_multilat.landmarks.whole_files import replacing

from .faces import ReferenceFaces
from .matching import FEATURES, RATIO

COMMAND = 'python -m mmpose_multilat.tools.index_references CONFIG'
"""What builds an index."""

FOLDER = 'references'
"""Of the indices, below the folder of the dataset."""

FORMAT = 1
"""Raised when a file would be read wrongly by an earlier or later version."""


@dataclass(frozen=True)
class Fingerprint:
    """What an index was made of; one made of something else is refused.

    Names and boxes of the faces are looked at, not the content of their images.

    Attributes:
        references: See `ReferenceFaces.digest`.
        size: Size (w, h) of the crops in px.
        padding: What boxes are enlarged by.
        features: Number of features of a face.
        ratio: What a match must pass.
        format: Kind of the file.
    """

    references: str
    size: list[int]
    padding: float
    features: int = FEATURES
    ratio: float = RATIO
    format: int = FORMAT


class Match(NamedTuple):
    """The references that fit a face best and worst.

    Attributes:
        most: Index of the face with the largest correlation, the first of several.
        least: Index of the face with the smallest.
        largest: That correlation, see `matching`.
        smallest: Likewise.
    """

    most: int
    least: int
    largest: float
    smallest: float


@dataclass(frozen=True)
class ReferenceIndex:
    """The best and worst reference of each face of a test set.

    Attributes:
        fingerprint: What it was made of.
        faces: By the key of a face, see `face_key`.
    """

    fingerprint: Fingerprint
    faces: dict[str, Match] = field(default_factory=dict)


def fingerprint_of(references: ReferenceFaces) -> Fingerprint:
    """Return the fingerprint of an index over reference faces."""
    return Fingerprint(references.digest, list(references.size), references.padding)


def index_path(targets: Any, references: Any) -> Path:
    """Return where the index of two datasets lies.

    Args:
        targets: Dataset of the faces that are tested.
        references: Dataset of their references.

    Returns:
        `<data_root>/references/<annotations of the targets>_by_<those of the references>.json`.
    """
    names = (Path(each.ann_file).stem for each in (targets, references))
    return Path(targets.data_root or '') / FOLDER / f'{"_by_".join(names)}.json'


def write_index(path: Path, index: ReferenceIndex) -> None:
    """Write an index, which appears complete or not at all; its folder exists."""
    content = {
        'fingerprint': asdict(index.fingerprint),
        'faces': {key: list(match) for key, match in index.faces.items()},
    }
    with replacing(path) as part:
        part.write_text(json.dumps(content), encoding='utf-8')


def read_index(path: os.PathLike, references: ReferenceFaces) -> ReferenceIndex:
    """Read an index for reference faces.

    Raises:
        ValueError: If there is none, it is damaged, or it was made of other references or with
            other settings; the message says how to build it.
    """
    path = Path(path)
    if not path.exists():
        raise ValueError(_refusal(path, 'does not exist'))
    found = _read(path)
    if found is None:
        raise ValueError(_refusal(path, 'is damaged'))
    made_of, wanted = asdict(found.fingerprint), asdict(fingerprint_of(references))
    differing = [name for name in wanted if made_of[name] != wanted[name]]
    if differing:
        raise ValueError(_refusal(path, f'was made of something else ({", ".join(differing)})'))
    return found


def _refusal(path: os.PathLike, problem: str) -> str:
    return f'the index of reference faces {path} {problem}; build it with: {COMMAND}'


def match_of(index: ReferenceIndex, key: str, path: os.PathLike) -> Match:
    """Look a face up.

    Raises:
        ValueError: If the index does not know it; the message says how to build it.
    """
    if key not in index.faces:
        raise ValueError(
            _refusal(path, f'does not know the face {key} (file and box), it is of other faces')
        )
    return index.faces[key]


def _read(path: Path) -> Optional[ReferenceIndex]:
    """Read an index, None if there is none that can be read."""
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
        faces = {key: Match(*match) for key, match in content['faces'].items()}
        return ReferenceIndex(Fingerprint(**content['fingerprint']), faces)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
