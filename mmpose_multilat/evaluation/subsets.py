"""Which faces of a test set belong to its subsets.

A subset is one of

* `dict(ann_file='face_landmarks_wflw_test_blur.json')`: the faces of another annotation file,
* `dict(list_file='list_98pt_test_blur.txt')`: those of a list of images or of faces,
* `dict(field='attributes.blur', equals=1)`: those whose annotation has this value,
* `dict(path=['helen/testset/', 'lfpw/testset/'])`: those whose image stands in such a folder.

A bare file name means a file beside the annotation file of the dataset.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

import numpy as np

from .annotation_files import Entry, plain_path, read_coco, read_list, shared_folders
from .annotations import AnnotatedFaces
from .summary import FULL

Rule = Mapping[str, Any]

RULES = dict(
    ann_file={'ann_file'}, list_file={'list_file'}, field={'field', 'equals'}, path={'path'}
)
"""Kind of a rule -> the settings that it has."""


def check_subsets(subsets: Mapping[str, Rule]) -> None:
    """Refuse subsets whose rule cannot be read.

    Args:
        subsets: Name -> rule.

    Raises:
        ValueError: Naming the subset and what a rule may be.
    """
    if not isinstance(subsets, Mapping):
        raise ValueError(f'subsets must be rules by name, dict(a=dict(path=...)), got {subsets!r}')
    for name, rule in subsets.items():
        if not isinstance(name, str) or not name or '/' in name or name == FULL:
            raise ValueError(
                f'a subset cannot be called {name!r}: {FULL!r} is the whole test set, and a slash '
                'parts the names of subset and number'
            )
        if not isinstance(rule, Mapping) or set(rule) not in RULES.values():
            raise ValueError(
                f'subset {name!r} is given by {rule!r}; it must be one of dict(ann_file=...), '
                'dict(list_file=...), dict(field=..., equals=...) and dict(path=...)'
            )
        for setting in ('ann_file', 'list_file', 'field'):
            if not isinstance(rule.get(setting, ''), str):
                raise ValueError(f'subset {name!r}: {setting} must be a text, got {rule[setting]}')
        if 'path' in rule and not _parts_of_paths(rule['path']):
            raise ValueError(f'subset {name!r}: path must be a folder or a list of folders')


def find_members(
    faces: AnnotatedFaces, subsets: Mapping[str, Rule], num_landmarks: int
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Find the faces of each subset.

    Args:
        faces: The N faces of the test set.
        subsets: Name -> rule, see `check_subsets`.
        num_landmarks: Number K of landmarks.

    Returns:
        Name -> (N,) bool for every subset whose file can be read, and what is to be said about the
        others and about rules that fit no face, one message each.
    """
    members, messages = {}, []
    for name, rule in subsets.items():
        kind = next(kind for kind, settings in RULES.items() if set(rule) == settings)
        try:
            chosen, message = _FINDERS[kind](faces, rule, num_landmarks)
        except (OSError, ValueError) as error:
            messages.append(
                f'Subset {name!r} is left out: {error}. Put the file there (`prepare_data` writes '
                'the official ones), or change or remove the subset in the evaluator.'
            )
            continue
        members[name] = np.zeros(len(faces.images), dtype=bool)
        members[name][chosen] = True
        if message:
            messages.append(f'Subset {name!r}: {message}.')
    return members, messages


def _by_annotation_file(
    faces: AnnotatedFaces, rule: Rule, num_landmarks: int
) -> tuple[list[int], Optional[str]]:
    return _listed(faces, read_coco(_locate(faces, rule['ann_file'])))


def _by_list_file(
    faces: AnnotatedFaces, rule: Rule, num_landmarks: int
) -> tuple[list[int], Optional[str]]:
    return _listed(faces, read_list(_locate(faces, rule['list_file']), num_landmarks))


def _listed(faces: AnnotatedFaces, entries: Sequence[Entry]) -> tuple[list[int], Optional[str]]:
    """The faces that a file lists, and how many of its entries are no face of the test set."""
    found = [faces.find(entry) for entry in entries]
    missing = sum(not each for each in found)
    message = f'{missing} of the {len(entries)} faces in its file were not tested'
    return [face for each in found for face in each], message if missing else None


def _by_field(
    faces: AnnotatedFaces, rule: Rule, num_landmarks: int
) -> tuple[list[int], Optional[str]]:
    values = [_value(record, rule['field']) for record in faces.records]
    missing = sum(value is None for value in values)
    message = (
        f'{missing} of {len(values)} annotations have no field {rule["field"]!r}; it is read from '
        f'{faces.source}'
    )
    chosen = [face for face, value in enumerate(values) if value == rule['equals']]
    return chosen, message if missing else None


def _value(record: Optional[Mapping[str, Any]], field: str) -> Any:
    """A field of an annotation, with dots between the names of nested ones; None if missing."""
    value: Any = record
    for name in field.split('.'):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _by_path(
    faces: AnnotatedFaces, rule: Rule, num_landmarks: int
) -> tuple[list[int], Optional[str]]:
    parts = _parts_of_paths(rule['path'])
    paths = [_below_data_set(faces, face) for face in range(len(faces.images))]
    chosen = [face for face, path in enumerate(paths) if any(part in path for part in parts)]
    return chosen, None


def _parts_of_paths(value: Any) -> list[str]:
    """The wanted parts of paths with a slash before them, so that whole names are compared."""
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, Sequence) or not all(isinstance(part, str) for part in values):
        return []
    return ['/' + part.replace('\\', '/').lstrip('/') for part in values if part.strip('/')]


def _below_data_set(faces: AnnotatedFaces, face: int) -> str:
    """Path of a face's image below the folder that it shares with the annotation file.

    The folders above it are the user's and may have any name, that of a subset too.
    """
    path, file = plain_path(faces.images[face]), faces.file_of(face)
    if file is not None:
        path = '/'.join(path.split('/')[len(shared_folders(path, file)) :])
    return '/' + path.lstrip('/')


def _locate(faces: AnnotatedFaces, name: str) -> Path:
    """Path of a file of a subset.

    Raises:
        FileNotFoundError: If it does not exist.
    """
    path = Path(name)
    folders = [file.parent for file in faces.files] if len(path.parts) == 1 else []
    places = [folder / path for folder in folders] or [path]
    for place in places:
        if place.is_file():
            return place
    raise FileNotFoundError(f'{" or ".join(map(str, places))} does not exist')


_FINDERS: dict[str, Callable[..., tuple[list[int], Optional[str]]]] = dict(
    ann_file=_by_annotation_file, list_file=_by_list_file, field=_by_field, path=_by_path
)
