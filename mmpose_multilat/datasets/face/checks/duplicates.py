"""Faces that stand in a dataset twice."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from mmpose_multilat.datasets.face.checks.annotations import Face, FileContent
from mmpose_multilat.datasets.face.checks.findings import DUPLICATE, Finding

# Landmarks are equal when they agree to this many decimals of a px.
_DECIMALS = 3


def find_duplicates(
    contents: Sequence[FileContent], digests: Mapping[str, bytes]
) -> Iterator[Finding]:
    """Find faces with the same image and the same landmarks.

    A subset file may repeat faces of the file that it is a part of; a file may not repeat its own,
    nor those of another split.

    Args:
        contents: The annotation files.
        digests: By path of an image, what stands for its content: copies of an image under two
            names are one image. Images that are not in it are told apart by their paths.

    Yields:
        One finding for each face that has stood somewhere before.
    """
    seen: dict[tuple[bytes, bytes], list[tuple[FileContent, Face]]] = {}
    for content in contents:
        for face in content.faces:
            others = seen.setdefault(_key(face, digests), [])
            for other, twin in others:
                if other is content or not other.file.splits & content.file.splits:
                    yield _finding(content, face, other, twin)
                    break
            others.append((content, face))


def _key(face: Face, digests: Mapping[str, bytes]) -> tuple[bytes, bytes]:
    path = face.picture.path
    # Adding 0 makes -0.0 and 0.0 the same bytes.
    landmarks = np.round(face.keypoints[:, :2], _DECIMALS) + 0.0
    return digests.get(path, path.encode()), landmarks.tobytes()


def _finding(content: FileContent, face: Face, other: FileContent, twin: Face) -> Finding:
    place = twin.entry if other is content else f'{twin.entry} of {other.path}'
    if face.picture.path != twin.picture.path:
        place += f' ({twin.picture.path})'
    problem = f'image {face.picture.path} and landmarks are those of {place}'
    return Finding(DUPLICATE, content.path, problem, face.entry)
