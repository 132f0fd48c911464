"""What a check of a prepared dataset finds."""

from dataclasses import dataclass
from typing import Optional

MISSING_FILE = 'missing annotation file'
BROKEN_FILE = 'broken annotation file'
COUNT = 'number of faces'
FIELD = 'field'
LANDMARKS = 'landmarks'
ID = 'id'
PICTURE = 'picture'
DUPLICATE = 'duplicate'
OUTSIDE = 'landmarks outside the image'
KINDS = (MISSING_FILE, BROKEN_FILE, COUNT, FIELD, LANDMARKS, ID, PICTURE, DUPLICATE, OUTSIDE)
"""The kinds of findings, in the order of a report."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or worth knowing.

    Args:
        kind: One of `KINDS`.
        file: The annotation file, from the folder of the dataset.
        problem: What is wrong, and what was expected.
        entry: The entry of the file, for example `annotation 17`; None for the whole file.
        field: The field of the entry.
        is_note: Whether it is only worth knowing.
    """

    kind: str
    file: str
    problem: str
    entry: Optional[str] = None
    field: Optional[str] = None
    is_note: bool = False

    def __str__(self) -> str:
        place = [self.file]
        place += [] if self.entry is None else [self.entry]
        place += [] if self.field is None else [f'field {self.field}']
        return f'{", ".join(place)}: {self.problem}'
