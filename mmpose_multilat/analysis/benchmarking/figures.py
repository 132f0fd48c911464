"""Figures of one benchmark and of several together, from their files alone."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from mmpose_multilat.errors import extra
from mmpose_multilat.evaluation import Predictions, face_errors
from mmpose_multilat.evaluation.summary import FULL
from mmpose_multilat.visualization import (
    plot_cumulative_errors,
    plot_error_by_heatmap_size,
    plot_error_by_operations,
    plot_nme_by_decoder,
    worst_faces_page,
)

from .records import Benchmark, Result, load_predictions
from .tables import heatmaps_name, size_name

WORST_FACES = 12
DEFAULT_LIMIT = 0.10
"""Right end of the curves where a benchmark has no threshold, as a fraction."""

PANELS = {False: 'without flip test', True: 'with flip test'}
DATASET_PART = re.compile(r'_(?P<dataset>[^_]+)-\d+x\d+(-hm\d+)?$')
"""End of a config's name: dataset, size of the input, size of the heatmaps."""


def draw_figures(benchmark: Benchmark, folder: Path) -> list[Path]:
    """Draw everything about one benchmark: bars, curves of cumulative errors, worst faces.

    Args:
        benchmark: What was measured.
        folder: Folder with its predictions, where the images go too.

    Returns:
        Files that were written; what cannot be drawn is named.

    Raises:
        UserError: If predictions are missing.
    """
    results = [each for each in benchmark.results if each.flip_test == benchmark.flip_test]
    predictions = {each.decoder: load_predictions(folder, each) for each in results}
    written = []
    with extra('nme_by_decoder.png'):
        written += _draw_bars(benchmark, results, folder)
    for subset in benchmark.subsets:
        with extra(f'the curves of {subset}'):
            written += _draw_curves(benchmark, predictions, subset, folder)
    own = next((each.decoder for each in results if benchmark.is_own(each)), results[-1].decoder)
    with extra('worst_faces.png'):
        written += _draw_worst(benchmark, own, predictions[own], folder)
    return written


def series_name(benchmark: Benchmark) -> str:
    """Name of a config without dataset and sizes: configs of one series differ in these only."""
    return DATASET_PART.sub('', Path(benchmark.config).stem)


def _title(benchmark: Benchmark, subset: str, faces: float) -> str:
    flip = PANELS[benchmark.flip_test]
    return (
        f'{benchmark.annotations}, {subset} set, {faces:g} faces\n'
        f'{heatmaps_name(benchmark)}, {flip}'
    )


def _draw_bars(benchmark: Benchmark, results: Sequence[Result], folder: Path) -> list[Path]:
    key = f'NME_{benchmark.normalisers[0]}'
    nme = {each.decoder: each.metrics[FULL][key] for each in results if key in each.metrics[FULL]}
    if not nme:
        return []
    path = folder / 'nme_by_decoder.png'
    plot_nme_by_decoder(nme, path, _title(benchmark, FULL, benchmark.faces))
    return [path]


def _draw_curves(
    benchmark: Benchmark, predictions: dict[str, Predictions], subset: str, folder: Path
) -> list[Path]:
    """The curves of a subset, none if no face in it has a defined error."""
    normaliser = benchmark.normalisers[0]
    errors = {
        label: face_errors(each, normaliser)[_members(each, subset)]
        for label, each in predictions.items()
    }
    count = sum(~np.isnan(next(iter(errors.values()))))
    if not count:
        return []
    path = folder / f'ced_{re.sub("[^A-Za-z0-9-]+", "_", subset)}.png'
    limit = max(benchmark.thresholds, default=DEFAULT_LIMIT)
    title = _title(benchmark, subset, count)
    plot_cumulative_errors(errors, limit, path, title, f'NME_{normaliser}')
    return [path]


def _members(predictions: Predictions, subset: str) -> np.ndarray:
    return np.ones(len(predictions), bool) if subset == FULL else predictions.subsets[subset]


def _draw_worst(
    benchmark: Benchmark, decoder: str, predictions: Predictions, folder: Path
) -> list[Path]:
    """The page of worst faces; faces whose image is not on this machine are left out."""
    normaliser = benchmark.normalisers[0]
    errors = face_errors(predictions, normaliser)
    order = [each for each in np.argsort(-errors) if not np.isnan(errors[each])][:WORST_FACES]
    if not order:
        print(f'No page of worst faces: {normaliser} is undefined for every face.')
        return []
    images = {each: cv2.imread(predictions.images[each]) for each in order}
    order = [each for each in order if images[each] is not None]
    if not order:
        print('No page of worst faces: their images are not where they were.')
        return []
    counted = {each: predictions.labelled[each] for each in order}
    page = worst_faces_page(
        [images[each] for each in order],
        [predictions.predicted[each][counted[each]] for each in order],
        [predictions.true[each][counted[each]] for each in order],
        [f'{100 * errors[each]:.1f} %  {Path(predictions.images[each]).name}' for each in order],
        f'Largest NME_{normaliser}: {decoder}, {heatmaps_name(benchmark)}, '
        f'{PANELS[benchmark.flip_test]}, {benchmark.annotations}',
    )
    path = folder / 'worst_faces.png'
    cv2.imwrite(str(path), page)
    return [path]


def draw_joint_figures(benchmarks: Sequence[Benchmark], folder: Path) -> list[Path]:
    """Draw error against heatmap size and against operations, for each test set.

    Args:
        benchmarks: Several benchmarks; those of one test set go into one figure.
        folder: Existing folder where the images go.

    Returns:
        Files that were written, none for a test set with a single benchmark.
    """
    written = []
    for name, group in _by_test_set(benchmarks).items():
        if len(group) < 2:
            continue
        first = group[0]
        unit = f'NME_{first.normalisers[0]}'
        title = f'{first.annotations}, {first.faces} faces'
        sizes, costs = _panels(group, unit, False), _panels(group, unit, True)
        if sizes:
            written.append(folder / f'nme_by_heatmap_size_{name}.png')
            plot_error_by_heatmap_size(sizes, written[-1], title, unit)
        written.append(folder / f'nme_by_gflops_{name}.png')
        names = {
            _position(each, result, True): size_name(each.heatmap_size)
            for each in group
            for result in each.results
        }
        plot_error_by_operations(costs, written[-1], title, unit, names)
    return written


def _by_test_set(benchmarks: Iterable[Benchmark]) -> dict[str, list[Benchmark]]:
    """Benchmarks by annotation file and number of faces, since others cannot be compared."""
    groups: dict[str, list[Benchmark]] = {}
    for each in benchmarks:
        key = f'{Path(each.annotations).stem}_{each.faces}_{each.normalisers[0]}'
        groups.setdefault(key, []).append(each)
    return groups


def _panels(
    group: Sequence[Benchmark], key: str, by_operations: bool
) -> dict[str, dict[str, dict[float, float]]]:
    """Panel -> line -> position -> NME. Lines are decoders, and series of configs if several."""
    several = len({series_name(each) for each in group}) > 1
    panels: dict[str, dict[str, dict[float, float]]] = {name: {} for name in PANELS.values()}
    for benchmark in group:
        if benchmark.heatmap_size is None and not by_operations:
            continue
        for result in benchmark.results:
            nme = result.metrics[FULL].get(key)
            label = result.decoder + (f', {series_name(benchmark)}' if several else '')
            if nme is not None:
                line = panels[PANELS[result.flip_test]].setdefault(label, {})
                line[_position(benchmark, result, by_operations)] = nme
    return {name: lines for name, lines in panels.items() if lines}


def _position(benchmark: Benchmark, result: Result, by_operations: bool) -> float:
    """Operations of all passes in 10^9, or the side of the heatmap in cells."""
    if by_operations:
        return benchmark.complexity.gflops * (2 if result.flip_test else 1)
    width, height = benchmark.heatmap_size
    return float(np.sqrt(width * height))
