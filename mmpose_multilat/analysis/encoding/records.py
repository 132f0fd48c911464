"""What `encode_decode` has measured, and the file that keeps it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from mmpose_multilat.analysis.record_files import read_record, write_record
from mmpose_multilat.analysis.timing import Timing
from mmpose_multilat.errors import UserError

KIND = 'mmpose_multilat encode_decode', 1
"""Format and version of the file."""

BEGINNING = 200
"""So many characters of a file are read to tell whether it is one of ours."""


@dataclass(frozen=True)
class EncodingResult:
    """What a decoder reached at a heatmap size.

    Attributes:
        decoder: Its label.
        codec: Its class.
        settings: Its arguments besides sizes and sigma.
        heatmap_size: Side of the heatmaps in cells.
        metrics: Numbers of all faces as `mmpose_multilat.evaluation.evaluate` names them;
            fractions and counts.
        timing: Its time, the copy of the coordinates to the host included; None if not measured.
    """

    decoder: str
    codec: str
    settings: dict[str, Any]
    heatmap_size: int
    metrics: dict[str, float]
    timing: Optional[Timing] = None


@dataclass(frozen=True)
class Encoding:
    """All decoders on one annotation file.

    Attributes:
        annotations: File name of the annotations.
        date: When, ISO 8601.
        command: How to do it again.
        hardware: Device, processor, system, threads.
        versions: Package -> version.
        faces: Number of faces.
        landmarks: Number of landmarks of a face.
        input_size: (w, h) in px of the crops.
        crop_padding: Side of a crop over the longer side of the face's box.
        sigma: Of the Gaussians, in heatmap px.
        alignment: 'msra' or 'udp'.
        noise: Standard deviation of the noise of every cell; peaks are 1 high.
        seed: Of the noise.
        batch_size: Faces that were decoded at once.
        normalisers: What errors were divided by.
        results: One for each decoder and heatmap size that fit.
    """

    annotations: str
    date: str
    command: str
    hardware: dict[str, str]
    versions: dict[str, str]
    faces: int
    landmarks: int
    input_size: tuple[int, int]
    crop_padding: float
    sigma: float
    alignment: str
    noise: float
    seed: int
    batch_size: int
    normalisers: list[str]
    results: list[EncodingResult]

    @property
    def decoders(self) -> list[str]:
        """Labels of all decoders, in their order."""
        return list(dict.fromkeys(result.decoder for result in self.results))

    @property
    def sizes(self) -> list[int]:
        """Heatmap sizes, in their order."""
        return list(dict.fromkeys(result.heatmap_size for result in self.results))

    def result(self, decoder: str, size: int) -> Optional[EncodingResult]:
        """The result of a decoder at a heatmap size, None where the decoder does not fit."""
        for each in self.results:
            if (each.decoder, each.heatmap_size) == (decoder, size):
                return each
        return None


def make_room(path: Path) -> None:
    """Make the folder of a file before anything is measured.

    Raises:
        UserError: If that is not possible, or the file exists and holds something else.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f'`out` {path} cannot be written: {error}') from error
    if path.is_dir():
        raise UserError(f'`out` {path} is a folder; name a file in it')
    if path.exists() and not (path.is_file() and is_encoding(path)):
        raise UserError(
            f'`out` {path} exists and is no file of encode_decode; only those are replaced, name '
            'another'
        )


def save(encoding: Encoding, path: Path) -> None:
    """Write what was measured.

    Raises:
        UserError: If that is not possible.
    """
    make_room(path)
    try:
        write_record(path, KIND, encoding)
    except OSError as error:
        raise UserError(f'`out` {path} cannot be written: {error}') from error


def is_encoding(path: Path) -> bool:
    """Whether a file begins as those of `encode_decode` do."""
    try:
        with path.open(encoding='utf-8') as file:
            return f'"format": "{KIND[0]}"' in file.read(BEGINNING)
    except (OSError, UnicodeDecodeError):
        return False


def load(path: Path) -> Encoding:
    """Read what `save` has written.

    Raises:
        UserError: If it is something else or damaged.
    """
    return read_record(path, KIND, 'encode_decode', _from_content)


def _from_content(content: dict[str, Any]) -> Encoding:
    content['input_size'] = tuple(content['input_size'])
    content['results'] = [_result(each) for each in content['results']]
    return Encoding(**content)


def _result(content: dict[str, Any]) -> EncodingResult:
    timing = content['timing']
    return EncodingResult(**{**content, 'timing': Timing(**timing) if timing else None})


def find_files(path: Path) -> list[Path]:
    """Files of `encode_decode`: a file itself, or those of a folder and the folders below it.

    Args:
        path: File or folder; files of other tools are passed over.

    Returns:
        The files by name.
    """
    files = [path] if path.is_file() else sorted(path.rglob('*.json'))
    return [each for each in files if is_encoding(each)]
