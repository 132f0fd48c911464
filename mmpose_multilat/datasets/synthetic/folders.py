"""Folders of synthetic datasets: never those of other data."""

from __future__ import annotations

import json
from pathlib import Path

from .annotation_files import DESCRIPTION, write_json
from .synthetic_datasets import SyntheticDataset

# Stands in a dataset's folder from the first moment on, so that the remains of an interrupted
# run are not taken for somebody's real data.
MARKER = 'synthetic_faces.json'


def check_folder(folder: Path, dataset: SyntheticDataset, overwrite: bool) -> None:
    """Refuse to write over data that are not synthetic, or are complete.

    Raises:
        FileExistsError: With the remedy in its message.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    present = [folder / file.path for file in dataset.files if (folder / file.path).exists()]
    if not (folder / MARKER).is_file() or not all(map(_is_synthetic, present)):
        raise FileExistsError(
            f'{folder} holds data that are not synthetic faces; they are never overwritten. '
            'Write to another place with --out.'
        )
    if not overwrite and all((folder / file.path).exists() for file in dataset.main_files):
        raise FileExistsError(
            f'{folder} already holds synthetic {dataset.facts.name} faces; add --overwrite '
            'to replace them or write to another place with --out.'
        )


def _is_synthetic(path: Path) -> bool:
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
    except (ValueError, OSError):  # not ours: ours are never half written
        return False
    return isinstance(content, dict) and content.get('info', {}).get('description') == DESCRIPTION


def prepare_folder(folder: Path, dataset: SyntheticDataset) -> None:
    """Make and mark the folders; remove annotations and images of an earlier run."""
    for file in dataset.files:
        path = folder / file.path
        if path.exists():
            images = json.loads(path.read_text(encoding='utf-8'))['images']
            path.unlink()
            for image in images:
                (folder / file.image_prefix / image['file_name']).unlink(missing_ok=True)
    for path in (*dataset.images.values(), *(file.path for file in dataset.files)):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
    write_json(folder / MARKER, {'info': {'description': DESCRIPTION}})
