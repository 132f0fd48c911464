"""Finding the best and worst reference of every face of a test set, on several processors.

Every face that is done is noted at once in a file beside the index, from which an interrupted run
goes on.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Optional

import numpy as np
from mmengine.dataset import BaseDataset

from .faces import ReferenceFaces
from .index import Match, ReferenceIndex, fingerprint_of, write_index
from .matching import FEATURES, LENGTH, correlations, describe
from .notes import NOTES, begin_notes, note
from .threads import in_threads

Progress = Callable[[str, int], Callable[[], None]]


def build_index(
    path: Path,
    dataset: BaseDataset,
    references: ReferenceFaces,
    workers: int = 1,
    progress: Optional[Progress] = None,
) -> ReferenceIndex:
    """Find the references of all faces of a dataset and write the index.

    Args:
        path: File to write; its folder is made.
        dataset: The faces that are tested.
        references: The faces to choose from; none on the image of the target is chosen.
        workers: Number of threads, in which OpenCV and PyTorch do not wait for one another; they do
            not change the answer.
        progress: Called with what is done and for how many faces; gives what is called after each.

    Returns:
        The index. Faces that an earlier run, of the same references and settings, has noted beside
        it are not compared again.

    Raises:
        ValueError: If a face has no reference on another image.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    targets = ReferenceFaces(dataset, references.size, references.padding)
    fingerprint = fingerprint_of(references)
    notes = path.with_name(path.name + NOTES)
    done = begin_notes(notes, fingerprint)
    missing = [number for number, key in enumerate(targets.keys) if key not in done]
    with notes.open('a', encoding='utf-8') as file:
        for key, match in _matches(targets, references, missing, workers, progress or _silent):
            done[key] = match
            file.write(note(key, match))
            file.flush()
    index = ReferenceIndex(fingerprint, {key: done[key] for key in targets.keys})
    write_index(path, index)
    notes.unlink()
    return index


def best_and_worst(found: np.ndarray, others: np.ndarray) -> Match:
    """Choose among references.

    Args:
        found: (N,) correlations, NaN for those that can be neither; unless there are no others.
        others: Indices of those that may be chosen, ascending.
    """
    values = np.nan_to_num(found[others], nan=-1)
    comparable = others[values >= 0] if (values >= 0).any() else others
    values = np.nan_to_num(found[comparable], nan=0)
    most, least = values.argmax(), values.argmin()
    return Match(
        *(int(comparable[each]) for each in (most, least)),
        *(round(float(values[each]), 4) for each in (most, least)),
    )


def _silent(what: str, count: int) -> Callable[[], None]:
    return lambda: None


def _matches(
    targets: ReferenceFaces,
    references: ReferenceFaces,
    numbers: Sequence[int],
    workers: int,
    progress: Progress,
) -> Iterator[tuple[str, Match]]:
    """Key and match of the targets of these numbers, one after the other."""
    if not numbers:
        return
    features = np.zeros((len(references), FEATURES, LENGTH), np.float32)
    found = in_threads(partial(_features_of, references), range(len(references)), workers)
    step = progress('finding features of reference faces', len(references))
    for number, each in enumerate(found):
        features[number] = each
        step()
    step = progress('comparing faces', len(numbers))
    matching = partial(_match, targets, references, features)
    for number, match in zip(numbers, in_threads(matching, numbers, workers)):
        yield targets.keys[number], match
        step()


def _features_of(faces: ReferenceFaces, number: int) -> np.ndarray:
    return describe(faces[number].image)


def _match(
    targets: ReferenceFaces, references: ReferenceFaces, features: np.ndarray, number: int
) -> Match:
    found = correlations(_features_of(targets, number), features)
    image = targets.dataset.get_data_info(number)['img_path']
    return best_and_worst(found, references.of_other_images(image))
