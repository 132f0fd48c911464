"""From what was measured to its record, and to new numbers from old predictions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mmpose_multilat.analysis import surroundings
from mmpose_multilat.analysis.complexity import measure_complexity
from mmpose_multilat.analysis.flip_test import flip_settings, has_flip_test
from mmpose_multilat.analysis.measurement import Measured
from mmpose_multilat.analysis.registered import settings_of
from mmpose_multilat.codecs import geometry_of
from mmpose_multilat.errors import blame_user
from mmpose_multilat.evaluation import Predictions, evaluate
from mmpose_multilat.models.heads import codec_of
from mmpose_multilat.settings import plain_datasets

from .records import Benchmark, DecoderRecord, Result, load_predictions
from .setup import Setup
from .tables import FLIP_NAMES


def describe(setup: Setup, measured: Measured, command: str) -> Benchmark:
    """Evaluate what was measured and write down under which circumstances.

    Args:
        setup: What took part.
        measured: Predictions and times.
        command: How to do it again.

    Returns:
        The record.

    Raises:
        UserError: If a decoder has put out something that is not finite.
    """
    first = next(iter(measured.predictions.values()))
    evaluation = dict(
        normalisers=list(setup.metric.normalisers or first.usual_normalisers),
        thresholds=list(setup.metric.thresholds),
    )
    return Benchmark(
        command=command,
        results=[
            _result(label, flip, found, evaluation)
            for (label, flip), found in measured.predictions.items()
        ],
        decoders=_decoder_records(setup, measured),
        network=measured.network,
        batch_size=measured.batch_size,
        input_size=measured.input_size,
        complexity=measure_complexity(setup.model, measured.input_size),
        **evaluation,
        **_facts_of_model(setup),
        **_facts_of_test_set(setup),
        landmarks=first.true.shape[1],
        **surroundings.describe(setup.device),
    )


def _result(label: str, flip: bool, found: Predictions, evaluation: dict[str, Any]) -> Result:
    with blame_user(label):
        metrics = evaluate(found, **evaluation)
    return Result(label, flip, predictions_file(label, flip), metrics)


def _facts_of_model(setup: Setup) -> dict[str, Any]:
    codec = codec_of(setup.model.head)
    geometry, sigma = geometry_of(codec), getattr(codec, 'sigma', None)
    return dict(
        config=Path(setup.config).name,
        checkpoint=Path(setup.checkpoint).name,
        heatmap_size=None if geometry is None else geometry.heatmap_size,
        sigma=float(sigma) if isinstance(sigma, (int, float)) else None,
        unbiased=getattr(codec, 'unbiased', None),
        flip_test=has_flip_test(setup.model),
        flip=flip_settings(setup.model),
    )


def _facts_of_test_set(setup: Setup) -> dict[str, Any]:
    dataset = setup.loader.dataset
    files = [Path(getattr(each, 'ann_file', '')).name for each in plain_datasets(dataset)]
    return dict(
        dataset=dataset.metainfo.get('dataset_name', ''),
        annotations=' + '.join(dict.fromkeys(files)),
        faces=len(dataset),
        faces_of_test_set=setup.all_faces,
    )


def _decoder_records(setup: Setup, measured: Measured) -> list[DecoderRecord]:
    return [
        DecoderRecord(
            label=label,
            codec=type(codec).__name__,
            settings=settings_of(codec),
            own=codec is codec_of(setup.model.head),
            timing=measured.decoders[label],
        )
        for label, codec in setup.decoders.items()
    ]


def predictions_file(label: str, flip: bool) -> str:
    """Name of the file of a decoder's predictions within the folder of the benchmark."""
    name = re.sub('[^A-Za-z0-9.-]+', '_', label)
    return f'predictions/{name}_flip_{FLIP_NAMES[flip]}.npz'


def evaluate_again(
    benchmark: Benchmark, folder: Path, changes: Mapping[str, Sequence[Any]]
) -> Benchmark:
    """Compute all numbers of a benchmark again from its predictions.

    Args:
        benchmark: What was measured.
        folder: Folder of its files.
        changes: New `normalisers` or `thresholds`, if any.

    Returns:
        The benchmark with new numbers.

    Raises:
        UserError: If predictions are missing or a setting does not fit them.
    """
    changed = replace(benchmark, **{name: list(value) for name, value in changes.items()})
    with blame_user(str(folder)):
        results = [
            replace(each, metrics=_evaluated(load_predictions(folder, each), changed))
            for each in benchmark.results
        ]
    return replace(changed, results=results)


def _evaluated(predictions: Predictions, benchmark: Benchmark) -> dict[str, dict[str, float]]:
    return evaluate(predictions, benchmark.normalisers, benchmark.thresholds)
