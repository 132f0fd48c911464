"""What `encode_decode` has measured as Markdown."""

from collections.abc import Callable
from typing import Optional

from mmpose_multilat.evaluation.tables import MEANINGS, align

from .records import Encoding, EncodingResult

UNFIT = '-'
"""Stands where a decoder cannot read heatmaps of the size, or no face has a defined error."""


def markdown(encoding: Encoding) -> str:
    """The circumstances, a table of errors for each normaliser, and one of times if there are."""
    parts = [_heading(encoding)]
    for normaliser in encoding.normalisers:
        title = f'NME as a fraction of {MEANINGS[normaliser]} ({normaliser}):'
        parts.append(f'{title}\n\n{_errors(encoding, normaliser)}{_left_out(encoding, normaliser)}')
    if any(result.timing for result in encoding.results):
        parts.append(f'{_about_times(encoding)}\n\n{_times(encoding)}')
    return '\n\n'.join(parts) + '\n'


def _heading(encoding: Encoding) -> str:
    width, height = encoding.input_size
    noise = (
        f'noise of {encoding.noise:g} on every cell (seed {encoding.seed})'
        if encoding.noise
        else 'no noise'
    )
    facts = [
        f'{encoding.faces} faces of {encoding.annotations}, {encoding.landmarks} landmarks, crops '
        f'of {encoding.crop_padding:g} x the box at {width}x{height} px',
        f'Gaussians of sigma {encoding.sigma:g} cells, {encoding.alignment} alignment, {noise}',
        f'{encoding.date}: `{encoding.command}`',
    ]
    return '\n'.join(f'* {fact}' for fact in facts)


def _errors(encoding: Encoding, normaliser: str) -> str:
    def cell(result: EncodingResult) -> Optional[str]:
        value = result.metrics.get(f'NME_{normaliser}')
        return None if value is None else f'{value:.4f}'

    return _table(encoding, cell)


def _left_out(encoding: Encoding, normaliser: str) -> str:
    count = encoding.results[0].metrics.get(f'undefined_{normaliser}', 0)
    return f'\n\n{count} faces for which this is undefined are left out.' if count else ''


def _about_times(encoding: Encoding) -> str:
    hardware, threads = encoding.hardware, int(encoding.hardware['threads'])
    measurements = next(each.timing.measurements for each in encoding.results if each.timing)
    return (
        f'Time of the decoder in ms per face, {encoding.landmarks} landmarks: median of '
        f'{measurements} on {hardware["device"]}, {threads} thread{"s" if threads > 1 else ""}, '
        f'batches of {encoding.batch_size}:'
    )


def _times(encoding: Encoding) -> str:
    def cell(result: EncodingResult) -> Optional[str]:
        return None if result.timing is None else f'{result.timing.ms_per_face:.3f}'

    return _table(encoding, cell)


def _table(encoding: Encoding, cell: Callable[[EncodingResult], Optional[str]]) -> str:
    """A row for each decoder, a column for each heatmap size."""
    rows = [['decoder', *(f'{size}x{size}' for size in encoding.sizes)]]
    for decoder in encoding.decoders:
        results = [encoding.result(decoder, size) for size in encoding.sizes]
        rows.append([decoder, *((each and cell(each)) or UNFIT for each in results)])
    return align(rows)
