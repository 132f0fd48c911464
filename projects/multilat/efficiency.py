r"""How close decoders come to the statistical limit, without a network.

    python -m projects.multilat.efficiency --data data/annotations/300w_public_test.npz \
        --out projects/multilat/results/efficiency.json

Annotated faces become ideal heatmaps with independent Gaussian noise on every cell; every decoder
reads the same ones. Beside their errors stands the Cramer-Rao bound: the mean error that no
unbiased decoder can go below when the height of the peak is unknown. Efficiency is bound / error,
both as mean NME by inter-ocular distance.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Optional

import numpy as np
import torch
from mmengine.utils import ProgressBar

from mmpose_multilat.analysis.encoding.faces import INPUT_SIZE, read_faces
from mmpose_multilat.analysis.encoding.round_trip import (
    Heatmaps,
    encode_batches,
    fitting_decoders,
    round_trip,
)
from mmpose_multilat.evaluation import Predictions, landmark_errors, normalising_distances
from mmpose_multilat.evaluation.tables import align
from mmpose_multilat.multilateration import (
    cell_pitch,
    cramer_rao_bound,
    input_to_heatmap,
    mean_error_at_bound,
)
from mmpose_multilat.tools.command_line import UserError, run_tool
from mmpose_multilat.tools.encode_decode import FACES_PER_BATCH, SIZES
from mmpose_multilat.visualization import plot_error_by_heatmap_size

from .record import about, write_json

NOISES = (0.01, 0.05, 0.10)
DECODERS = ('one-hot', 'DARK', 'KeyPosS', 'POPoS', 'GaussianMLE')
NORMALISER = 'ocular'
BOUND = 'Cramer-Rao bound'


@dataclass(frozen=True)
class Efficiency:
    """A decoder at a noise and a heatmap size.

    Attributes:
        noise: Standard deviation of the noise of every cell; the peaks are 1 high.
        heatmap_size: Side of the heatmaps in cells.
        decoder: Its label.
        nme: Mean error over all landmarks as a fraction of the inter-ocular distance.
        bound: The same of a decoder at the bound.
        standard_error: Of the efficiency, from the scatter over the landmarks.
    """

    noise: float
    heatmap_size: int
    decoder: str
    nme: float
    bound: float
    standard_error: float

    @property
    def efficiency(self) -> float:
        """Bound over error: 1 is the limit."""
        return self.bound / self.nme


def errors_at_bound(faces: Predictions, heatmaps: Heatmaps) -> np.ndarray:
    """Expected error of every landmark at the Cramer-Rao bound.

    Args:
        faces: N faces with K landmarks in input px.
        heatmaps: How they are encoded; the noise must be above 0.

    Returns:
        (N, K) fractions of the inter-ocular distance; NaN where a landmark does not count.
    """
    size = (heatmaps.size,) * 2
    places = input_to_heatmap(torch.from_numpy(faces.true), INPUT_SIZE, size, heatmaps.alignment)
    covariances = cramer_rao_bound(places, size, heatmaps.sigma, heatmaps.noise)
    pitch, _ = cell_pitch(INPUT_SIZE, size, heatmaps.alignment)  # the same along both axes
    pixels = pitch * mean_error_at_bound(covariances).numpy()
    pixels = np.where(faces.labelled, pixels, np.nan)
    return pixels / normalising_distances(faces, NORMALISER)[:, None]


def measure(
    faces: Predictions, settings: Sequence[Heatmaps], decoders: Sequence[str]
) -> list[Efficiency]:
    """Encode and decode all faces with every setting, with a progress bar.

    Args:
        faces: N faces with K landmarks in input px.
        settings: Sizes and noises.
        decoders: Labels; each is left out where it does not fit the size.

    Returns:
        One for each setting and decoder.
    """
    progress = ProgressBar(len(settings) * -(-len(faces) // FACES_PER_BATCH))
    results = []
    for heatmaps in settings:
        batches = _counted(encode_batches(faces, heatmaps, FACES_PER_BATCH), progress)
        found = round_trip(faces, fitting_decoders(decoders, heatmaps), batches)
        lowest = errors_at_bound(faces, heatmaps)
        for label, each in found.items():
            errors = landmark_errors(each, NORMALISER)
            results.append(_compare(heatmaps, label, errors, lowest))
    print()  # the progress bar does not end its line
    return results


def _counted(batches: Iterable, progress: ProgressBar) -> Iterator:
    """The same batches; each moves the progress bar when it has been dealt with."""
    for batch in batches:
        yield batch
        progress.update()


def _compare(heatmaps: Heatmaps, label: str, errors: np.ndarray, lowest: np.ndarray) -> Efficiency:
    """Errors (N, K) beside those at the bound (N, K)."""
    defined = np.isfinite(errors) & np.isfinite(lowest)
    nme, bound = float(errors[defined].mean()), float(lowest[defined].mean())
    # The ratio of two means: its relative scatter is that of the errors about their multiple.
    scatter = errors[defined] - nme / bound * lowest[defined]
    relative = float(scatter.std() / np.sqrt(defined.sum()) / nme)
    return Efficiency(
        heatmaps.noise, heatmaps.size, label, nme, bound, standard_error=relative * bound / nme
    )


def markdown(results: Sequence[Efficiency]) -> str:
    """A table for each noise: efficiency by decoder and size, and the bound."""
    sizes = list(dict.fromkeys(each.heatmap_size for each in results))
    tables = []
    for noise in dict.fromkeys(each.noise for each in results):
        rows = [[f'noise {noise:g}', *(f'{size}x{size}' for size in sizes)]]
        found = {(e.decoder, e.heatmap_size): e for e in results if e.noise == noise}
        for label in dict.fromkeys(decoder for decoder, _ in found):
            row = [found.get((label, size)) for size in sizes]
            rows.append([label, *(f'{each.efficiency:.3f}' if each else '-' for each in row)])
        bounds = {size: each.bound for (_, size), each in found.items()}  # the same for all
        rows.append([f'{BOUND}, NME', *(f'{bounds[size]:.5f}' for size in sizes)])
        tables.append(align(rows))
    return '\n\n'.join(tables)


def panels(results: Sequence[Efficiency]) -> dict[str, dict[str, dict[float, float]]]:
    """Lines for the plot: noise -> decoder -> size -> error over bound."""
    drawn: dict[str, dict[str, dict[float, float]]] = {}
    for each in results:
        panel = drawn.setdefault(f'noise {each.noise:g} per cell', {})
        panel.setdefault(each.decoder, {})[each.heatmap_size] = 1 / each.efficiency
    for panel in drawn.values():
        panel[BOUND] = {size: 1.0 for line in panel.values() for size in line}
    return drawn


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('--data', type=Path, required=True, help='annotations (.npz), as encode_decode reads them')
    add('--sizes', type=int, nargs='+', default=list(SIZES), help='sides of heatmaps in cells')
    add('--noises', type=float, nargs='+', default=list(NOISES), help='per cell; peaks are 1 high')
    add('--decoders', nargs='+', default=list(DECODERS), help='as encode_decode takes them')
    add('--sigma', type=float, default=2.0, help='in heatmap px')
    add('--seed', type=int, default=0, help='of the noise')
    add('--out', type=Path, help='file for the numbers (.json); a plot (.png) is put beside it')
    return parser


def run(arguments: argparse.Namespace) -> None:
    """Measure, print the table, and write the files that were asked for."""
    if min(arguments.noises) <= 0:
        raise UserError('--noises must be above 0: without noise there is no limit')
    faces = read_faces(arguments.data, [NORMALISER])
    settings = [
        Heatmaps(size, arguments.sigma, noise=noise, seed=arguments.seed)
        for noise in arguments.noises
        for size in arguments.sizes
    ]
    results = measure(faces, settings, arguments.decoders)
    print(f'\nEfficiency (bound / error), {len(faces)} faces:\n\n{markdown(results)}')
    if arguments.out is not None:
        facts = about('projects.multilat.efficiency', arguments.words, arguments.seed)
        facts.update(
            annotations=arguments.data.name, faces=len(faces), landmarks=faces.true.shape[1]
        )
        facts.update(sigma=arguments.sigma, alignment=settings[0].alignment)
        rows = [{**asdict(each), 'efficiency': each.efficiency} for each in results]
        write_json(arguments.out, {**facts, 'results': rows})
        picture = arguments.out.with_suffix('.png')
        title = f'Mean error relative to the lowest possible one, {len(faces)} faces'
        plot_error_by_heatmap_size(panels(results), picture, title, 'error over bound')
        print(f'Written: {arguments.out}, {picture}')


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(run, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())
