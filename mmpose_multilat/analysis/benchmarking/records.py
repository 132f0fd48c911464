"""What a benchmark has measured, and the file that keeps it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from mmpose_multilat.analysis.complexity import Complexity
from mmpose_multilat.analysis.record_files import read_record, write_record
from mmpose_multilat.analysis.timing import Timing
from mmpose_multilat.errors import UserError
from mmpose_multilat.evaluation import Predictions

KIND = 'mmpose_multilat benchmark', 1
"""Format and version of the file."""

FILE_NAME = 'benchmark.json'
KINDS = dict(input_size=tuple, normalisers=list, thresholds=list)


@dataclass(frozen=True)
class DecoderRecord:
    """A decoder that took part.

    Attributes:
        label: Its name in tables.
        codec: Its class.
        settings: Its arguments besides sizes and sigma.
        own: Whether it is the codec of the config.
        timing: Its time, the copy of the coordinates to the host included.
    """

    label: str
    codec: str
    settings: dict[str, Any]
    own: bool
    timing: Timing


@dataclass(frozen=True)
class Result:
    """What a decoder reached with or without flip test.

    Attributes:
        decoder: Label of the decoder.
        flip_test: Whether heatmaps were averaged with those of the flipped image.
        predictions: File of the predictions, relative to the folder of the benchmark.
        metrics: Subset -> key -> number as `mmpose_multilat.evaluation.evaluate` names them;
            fractions and counts.
    """

    decoder: str
    flip_test: bool
    predictions: str
    metrics: dict[str, dict[str, float]]


@dataclass(frozen=True)
class Benchmark:
    """One checkpoint on one test set.

    Attributes:
        config: File name of the config.
        checkpoint: File name of the checkpoint.
        date: When, ISO 8601.
        command: How to do it again.
        hardware: Device, processor, system, threads.
        versions: Package -> version.
        dataset: `dataset_name` of MMPose's metainfo.
        annotations: File name of the annotations of the test set.
        faces: Number of faces that were measured.
        faces_of_test_set: Number of faces in the annotation file.
        landmarks: Number of landmarks of a face.
        input_size: (w, h) in px.
        heatmap_size: (W, H) in cells, None where the head has no heatmaps.
        sigma: Of the Gaussians, in heatmap px, None where the codec has no such thing.
        unbiased: Whether the config encodes labels without rounding, None where it does not say.
        flip_test: Whether the config tests with flip test.
        flip: How the flip test averages (`flip_mode`, `shift_heatmap`).
        normalisers: What errors were divided by, the first for figures.
        thresholds: Of failure rate and area under the curve, as fractions.
        complexity: Size of the network.
        batch_size: Faces in a batch while times were taken.
        network: Time of the network without and with flip test ('off', 'on').
        decoders: All that took part.
        results: One for each decoder and flip test.
    """

    config: str
    checkpoint: str
    date: str
    command: str
    hardware: dict[str, str]
    versions: dict[str, str]
    dataset: str
    annotations: str
    faces: int
    faces_of_test_set: int
    landmarks: int
    input_size: tuple[int, int]
    heatmap_size: Optional[tuple[int, int]]
    sigma: Optional[float]
    unbiased: Optional[bool]
    flip_test: bool
    flip: dict[str, Any]
    normalisers: list[str]
    thresholds: list[float]
    complexity: Complexity
    batch_size: int
    network: dict[str, Timing]
    decoders: list[DecoderRecord]
    results: list[Result]

    def decoder(self, label: str) -> DecoderRecord:
        """The decoder of a label."""
        return next(each for each in self.decoders if each.label == label)

    def is_own(self, result: Result) -> bool:
        """Whether a result is the one that `mim test` reaches with the config."""
        return self.decoder(result.decoder).own and result.flip_test == self.flip_test

    @property
    def subsets(self) -> list[str]:
        """Names of all sets of faces, the full one first."""
        return list(self.results[0].metrics)


def save(benchmark: Benchmark, folder: Path) -> Path:
    """Write a benchmark into its folder, all of it or nothing; returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    write_record(path, KIND, benchmark)
    return path


def load(path: Path) -> Benchmark:
    """Read the file of a benchmark.

    Raises:
        UserError: If it is something else or damaged.
    """
    return read_record(path, KIND, 'benchmark', _from_content)


def _from_content(content: dict[str, Any]) -> Benchmark:
    for name, kind in KINDS.items():
        content[name] = kind(content[name])
    size = content['heatmap_size']
    content['heatmap_size'] = None if size is None else tuple(size)
    content['complexity'] = Complexity(**content['complexity'])
    content['network'] = {flip: Timing(**each) for flip, each in content['network'].items()}
    content['decoders'] = [
        DecoderRecord(**{**each, 'timing': Timing(**each['timing'])})
        for each in content['decoders']
    ]
    content['results'] = [Result(**each) for each in content['results']]
    return _checked(Benchmark(**content))


def _checked(benchmark: Benchmark) -> Benchmark:
    missing = {'device', 'threads', 'off', 'on'} - {*benchmark.hardware, *benchmark.network}
    if missing:
        raise ValueError(f'hardware or network without {sorted(missing)}')
    known = {each.label for each in benchmark.decoders}
    unknown = {each.decoder for each in benchmark.results} - known
    if unknown or not benchmark.results:
        raise ValueError(f'results without their decoders: {sorted(unknown) or "no result"}')
    return benchmark


def find(folders: Sequence[Path]) -> Iterator[tuple[Path, Benchmark]]:
    """All benchmarks in some folders and the folders below them.

    Args:
        folders: Folders of benchmarks, or folders that hold such folders; or the files themselves.

    Yields:
        Folder and content of each benchmark, every one once.

    Raises:
        UserError: If a folder holds none, or a file is something else.
    """
    seen = set()
    for folder in folders:
        paths = [folder] if folder.is_file() else sorted(folder.rglob(FILE_NAME))
        if not paths:
            raise UserError(f'{folder} holds no {FILE_NAME}; `benchmark` writes one into `out`')
        for path in paths:
            if path.resolve() not in seen:
                seen.add(path.resolve())
                yield path.parent, load(path)


def load_predictions(folder: Path, result: Result) -> Predictions:
    """Read the predictions of a result.

    Raises:
        UserError: If the file is missing or something else.
    """
    try:
        return Predictions.load(folder / result.predictions)
    except (OSError, ValueError) as error:
        raise UserError(str(error)) from error
