"""Small raw releases of face data sets, with synthetic faces whose landmarks are known."""

from functools import cache
from pathlib import Path

import cv2
import numpy as np

from mmpose_multilat.datasets.synthetic import generate

SIZE = 64
WFLW_FLAGS = ('pose', 'expression', 'illumination', 'make_up', 'occlusion', 'blur')


@cache
def face(index: int):
    """A synthetic face of 64 x 64 px."""
    return generate(0, index, 'train', SIZE)


def write_picture(path: Path, index: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), face(index).image)


def write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding='utf-8')


def points(index: int, layout: str) -> np.ndarray:
    """(K, 2) landmarks with the six decimals that text files have."""
    return np.round(face(index).landmarks[layout].astype(np.float64), 6)


def wflw_line(index: int, flags, name: str) -> str:
    numbers = ' '.join(f'{value:.6f}' for value in points(index, 'wflw').ravel())
    return f'{numbers} 10 12 50 55 {" ".join(map(str, flags))} {name}\n'


def wflw_list(raw: Path, part: str) -> Path:
    folder = raw / 'WFLW_annotations' / 'list_98pt_rect_attr_train_test'
    return folder / f'list_98pt_rect_attr_{part}.txt'


def write_wflw(raw: Path, train: int = 3, test: int = 4) -> dict[str, list[tuple[str, np.ndarray]]]:
    """Write a release of WFLW; faces 0 and 1 of each part stand in one picture.

    Test face i has the flag i, and face 2 also the last one.

    Returns:
        By part: name of the picture and landmarks (98, 2) of each face.
    """
    faces: dict[str, list[tuple[str, np.ndarray]]] = {'train': [], 'test': []}
    start = 0
    for part, count in (('train', train), ('test', test)):
        lines = ''
        for place in range(count):
            name = f'0--Parade/0_{part}_{max(place, 1)}.jpg'
            flags = [int(place in (flag, flag - 3)) for flag in range(len(WFLW_FLAGS))]
            write_picture(raw / 'WFLW_images' / name, start + place)
            lines += wflw_line(start + place, flags, name)
            faces[part].append((name, points(start + place, 'wflw')))
        write_text(wflw_list(raw, part), lines)
        start += count
    return faces


def pts_text(landmarks_from_0: np.ndarray) -> str:
    """A `.pts` file: coordinates count from 1."""
    lines = ''.join(f'{x:.6f} {y:.6f}\n' for x, y in landmarks_from_0 + 1)
    return f'version: 1\nn_points:  {len(landmarks_from_0)}\n{{\n{lines}}}\n'


FOLDERS_300W = {
    'afw': ['1051618982_1.jpg'],
    'helen/trainset': ['100032540_1.jpg', '100040721_1.jpg'],
    'lfpw/trainset': ['image_0001.png'],
    'helen/testset': ['296814969_3.jpg'],
    'lfpw/testset': ['image_0001.png'],
    'ibug': ['image_003_1.jpg', 'image_092 _01.jpg'],
    'Test/01_Indoor': ['indoor_001.png'],
    'Test/02_Outdoor': ['outdoor_001.png', 'outdoor_002.png'],
}


def write_300w(raw: Path) -> dict[str, np.ndarray]:
    """Write a release of 300W with the private test set as `300W/`.

    Returns:
        By the name of the picture in the prepared data set: landmarks (68, 2), from 0.
    """
    faces = {}
    for folder, names in FOLDERS_300W.items():
        for name in names:
            path = raw / folder.replace('Test/', '300W/') / name
            write_picture(path, len(faces))
            landmarks_from_0 = points(len(faces), 'ibug')
            write_text(path.with_suffix('.pts'), pts_text(landmarks_from_0))
            faces[f'{folder}/{name}'] = landmarks_from_0
    return faces


def points_106(index: int) -> np.ndarray:
    """(106, 2) landmarks: the 98 of WFLW and eight of them again; files need no exact layout."""
    wflw = points(index, 'wflw')
    return np.concatenate([wflw, wflw[-8:]])


def text_106(landmarks_106: np.ndarray) -> str:
    return '106\n' + ''.join(f'{x:.6f} {y:.6f}\n' for x, y in landmarks_106)


def write_lapa(raw: Path) -> dict[str, np.ndarray]:
    """Write a release of LaPa.

    Returns:
        By the name of the picture in the prepared data set: landmarks (106, 2).
    """
    faces = {}
    for part, count in (('train', 3), ('val', 2), ('test', 1)):
        for place in range(count):
            write_picture(raw / part / 'images' / f'{place}_0.jpg', len(faces))
            landmarks_106 = points_106(len(faces))
            write_text(raw / part / 'landmarks' / f'{place}_0.txt', text_106(landmarks_106))
            faces[f'{part}/images/{place}_0.jpg'] = landmarks_106
    return faces


def write_jd_landmark(raw: Path) -> dict[str, np.ndarray]:
    """Write a release of JD-landmark: train in two further folders, val in none, no test.

    Returns:
        By the name of the picture in the prepared data set: landmarks (106, 2).
    """
    faces = {}
    for folder in ('train/AFW', 'train/IBUG', 'val'):
        name = f'{folder.replace("/", "_")}_134212_1_0.jpg'
        write_picture(raw / folder / 'picture' / name, len(faces))
        landmarks_106 = points_106(len(faces))
        write_text(raw / folder / 'landmark' / f'{name}.txt', text_106(landmarks_106))
        faces[f'{folder}/picture/{name}'] = landmarks_106
    return faces


def tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder with their content, all links with their target, all folders."""
    found = {}
    for path in sorted(folder.rglob('*')):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = b'link to ' + bytes(path.readlink())
        else:
            found[name] = path.read_bytes() if path.is_file() else b'folder'
    return found
