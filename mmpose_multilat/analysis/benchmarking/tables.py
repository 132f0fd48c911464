"""Markdown and CSV of a benchmark."""

import csv
import io
from pathlib import Path
from typing import Optional

from mmpose_multilat.evaluation.summary import FULL, threshold_name
from mmpose_multilat.evaluation.tables import MEANINGS, align
from mmpose_multilat.landmarks.whole_files import write_whole

from .records import Benchmark, Result

OWN_MARK = ' †'
OWN_NOTE = "† the config's own decoder and flip test: what `mim test` reaches"
FLIP_NAMES = {False: 'off', True: 'on'}


def markdown(benchmark: Benchmark) -> str:
    """Everything that was measured, for people: conditions, the full set, all sets by measure."""
    parts = [_heading(benchmark)]
    for normaliser in benchmark.normalisers:
        parts += [_full_table(benchmark, normaliser), *_subset_tables(benchmark, normaliser)]
    return '\n\n'.join([*parts, OWN_NOTE]) + '\n'


def size_name(size: Optional[tuple[int, int]]) -> str:
    """Width and height, as '64x64', a dash where there is none."""
    return '-' if size is None else f'{size[0]}x{size[1]}'


def heatmaps_name(benchmark: Benchmark) -> str:
    """Size of the heatmaps in words."""
    size = benchmark.heatmap_size
    return 'no heatmaps' if size is None else f'{size_name(size)} heatmaps'


def percent(value: Optional[float]) -> str:
    """A fraction in percent with two decimals, a dash for what is undefined."""
    return '-' if value is None else f'{100 * value:.2f}'


def _heading(benchmark: Benchmark) -> str:
    """The circumstances as a list."""
    kept, all_faces = benchmark.faces, benchmark.faces_of_test_set
    faces = f'{kept} faces' if kept == all_faces else f'{kept} of {all_faces} faces'
    facts = [
        f'{benchmark.config}, {benchmark.checkpoint}',
        f'{faces} of {benchmark.annotations} (landmarks of {benchmark.dataset}), '
        f'{benchmark.landmarks} landmarks, {heatmaps_name(benchmark)} of a '
        f'{size_name(benchmark.input_size)} input',
        *_facts_of_speed(benchmark),
        f'{benchmark.date}: `{benchmark.command}`',
    ]
    return '\n'.join(f'* {fact}' for fact in facts)


def _facts_of_speed(benchmark: Benchmark) -> list[str]:
    network, complexity = benchmark.network, benchmark.complexity
    threads = int(benchmark.hardware['threads'])
    return [
        f'network: {complexity.parameters_million:.2f} M parameters, {complexity.gflops:.3f} '
        'GFLOPs (multiply-accumulate operations) a pass, '
        f'{network["off"].ms_per_face:.2f} ms per face, with flip test (two passes) '
        f'{network["on"].ms_per_face:.2f} ms',
        f'times: median of {network["off"].measurements} on {benchmark.hardware["device"]}, '
        f'{threads} thread{"s" if threads > 1 else ""}, batches of {benchmark.batch_size}',
    ]


def _full_table(benchmark: Benchmark, normaliser: str) -> str:
    """NME, FR and AUC of the full set, and the time of the decoder."""
    thresholds = [threshold_name(each) for each in benchmark.thresholds]
    columns = {f'NME_{normaliser}': 'NME %'}
    for measure in ('FR', 'AUC'):
        names = {f'{measure}_{normaliser}@{each}': f'{measure}@{each} %' for each in thresholds}
        columns.update(names)
    rows = [['decoder', 'flip test', *columns.values(), 'ms per face']]
    for result in benchmark.results:
        cells = [percent(result.metrics[FULL].get(key)) for key in columns]
        time = benchmark.decoder(result.decoder).timing.ms_per_face
        rows.append([*_name_cells(benchmark, result), *cells, f'{time:.3f}'])
    title = f'Full set, normalised by {MEANINGS[normaliser]} ({normaliser}); time of the decoder:'
    return f'{title}\n\n{align(rows)}{_undefined(benchmark, normaliser)}'


def _undefined(benchmark: Benchmark, normaliser: str) -> str:
    count = benchmark.results[0].metrics[FULL].get(f'undefined_{normaliser}', 0)
    return f'\n\n{count} faces for which this is undefined are left out.' if count else ''


def _name_cells(benchmark: Benchmark, result: Result) -> list[str]:
    mark = OWN_MARK if benchmark.is_own(result) else ''
    return [result.decoder + mark, FLIP_NAMES[result.flip_test]]


def _subset_tables(benchmark: Benchmark, normaliser: str) -> list[str]:
    """NME, and FR and AUC at the largest threshold, of all sets of faces side by side."""
    if len(benchmark.subsets) < 2:
        return []
    ending = f'@{threshold_name(max(benchmark.thresholds))}' if benchmark.thresholds else ''
    keys = [f'NME_{normaliser}']
    if ending:
        keys += [f'FR_{normaliser}{ending}', f'AUC_{normaliser}{ending}']
    return [_by_subset(benchmark, key) for key in keys]


def _by_subset(benchmark: Benchmark, key: str) -> str:
    faces = {name: each['faces'] for name, each in benchmark.results[0].metrics.items()}
    header = ['decoder', 'flip test', *(f'{name} ({count})' for name, count in faces.items())]
    rows = [
        [
            *_name_cells(benchmark, result),
            *(percent(result.metrics[name].get(key)) for name in faces),
        ]
        for result in benchmark.results
    ]
    return f'{key} in %, by set (number of faces):\n\n{align([header, *rows])}'


def write_csv(benchmark: Benchmark, path: Path) -> None:
    """Write one line for each decoder, flip test and set of faces; fractions, times in ms.

    Args:
        benchmark: What was measured.
        path: File to write.
    """
    lines = [
        {
            **_circumstances(benchmark, result),
            'subset': subset,
            **numbers,
        }
        for result in benchmark.results
        for subset, numbers in result.metrics.items()
    ]
    columns = list(dict.fromkeys(key for line in lines for key in line))
    file = io.StringIO()
    writer = csv.DictWriter(file, columns)
    writer.writeheader()
    writer.writerows(lines)
    write_whole(path, file.getvalue())


def _circumstances(benchmark: Benchmark, result: Result) -> dict[str, object]:
    flip = FLIP_NAMES[result.flip_test]
    width, height = benchmark.heatmap_size or (None, None)
    return dict(
        config=benchmark.config,
        dataset=benchmark.dataset,
        annotations=benchmark.annotations,
        heatmap_width=width,
        heatmap_height=height,
        parameters_million=benchmark.complexity.parameters_million,
        gflops_per_pass=benchmark.complexity.gflops,
        decoder=result.decoder,
        flip_test=flip,
        own=benchmark.is_own(result),
        network_ms_per_face=benchmark.network[flip].ms_per_face,
        decoder_ms_per_face=benchmark.decoder(result.decoder).timing.ms_per_face,
    )
