"""Small datasets of drawn faces, for tests of reference faces."""

import json
import shutil
from pathlib import Path

from mmpose.registry import DATASETS

from mmpose_multilat.datasets.synthetic import Request, write_data_sets

TRAIN, TEST = 30, 4


def write_faces(root: Path) -> Path:
    """Draw faces as a dataset and return its folder."""
    write_data_sets(['300w'], str(root), Request(TRAIN, TEST, size=96))
    return root / '300w'


def copied(folder: Path, root: Path) -> Path:
    """Copy a dataset, to change it."""
    return Path(shutil.copytree(folder, root / folder.name))


def settings_of(folder: Path, split: str = 'train', **others) -> dict:
    """Config of the dataset of a folder, for the 68 landmarks of 300W."""
    return dict(
        type='Face300WDataset',
        data_root=str(folder),
        ann_file=f'annotations/face_landmarks_300w_{split}.json',
        data_prefix=dict(img='images/'),
        serialize_data=False,  # which takes half a second
        **others,
    )


def dataset_of(folder: Path, split: str = 'train', **others):
    """The dataset itself."""
    return DATASETS.build(settings_of(folder, split, **others))


def change_annotations(folder: Path, split: str, change) -> None:
    """Let `change` edit the list of annotations of a split."""
    path = folder / f'annotations/face_landmarks_300w_{split}.json'
    content = json.loads(path.read_text())
    change(content['annotations'])
    path.write_text(json.dumps(content))
