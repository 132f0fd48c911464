"""All that takes part in a benchmark, loaded and built before the network runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from mmpose.models import TopdownPoseEstimator
from mmpose.registry import METRICS
from torch.utils.data import DataLoader

from mmpose_multilat.analysis.decoder_choice import choose_decoders
from mmpose_multilat.analysis.loading import build_loader, build_model, load_config
from mmpose_multilat.analysis.pipeline_warnings import warn_of_pipeline
from mmpose_multilat.errors import UserError
from mmpose_multilat.evaluation import FaceAlignmentMetric
from mmpose_multilat.models.heads import codec_of
from mmpose_multilat.settings import ABOUT_CLASS, has_class, metrics_of


@dataclass
class Setup:
    """All that takes part in a benchmark.

    Attributes:
        config: Path of the config.
        checkpoint: Path of the checkpoint.
        device: 'cpu', 'cuda:0' ...
        model: The pose estimator with its weights, in evaluation mode.
        loader: The test set, perhaps only some of its faces.
        all_faces: Number of faces of the whole test set.
        decoders: Decoders by label.
        metric: Knows the subsets, normalisers and thresholds.
    """

    config: str
    checkpoint: str
    device: str
    model: TopdownPoseEstimator
    loader: DataLoader
    all_faces: int
    decoders: dict[str, Any]
    metric: FaceAlignmentMetric


def prepare_setup(
    config_path: str,
    checkpoint: str,
    options: dict[str, Any],
    device: str,
    decoders: Sequence[str],
    limit: Optional[int],
    evaluation: Mapping[str, Any],
) -> Setup:
    """Load and build everything, so that mistakes show before the network runs.

    Args:
        config_path: Path of the config.
        checkpoint: Path of the checkpoint.
        options: Changes of the config.
        device: 'cpu', 'cuda:0' ...
        decoders: Words as `choose_decoders` takes them.
        limit: Number of faces, None for all.
        evaluation: Settings of `FaceAlignmentMetric` that replace those of the config.

    Returns:
        All that takes part.

    Raises:
        UserError: If something is missing or does not fit.
    """
    config = load_config(config_path, options)
    model = build_model(config, checkpoint, device)
    codec = codec_of(model.head)
    chosen = choose_decoders(codec, decoders)
    loader = build_loader(config)
    all_faces = len(loader.dataset)
    if limit is not None:
        loader = build_loader(config, limit)
    warn_of_pipeline(loader, chosen.values())
    metric = build_metric(config.get('test_evaluator'), evaluation)
    metric.dataset_meta = loader.dataset.metainfo
    return Setup(config_path, checkpoint, device, model, loader, all_faces, chosen, metric)


def build_metric(evaluator: Any, changes: Mapping[str, Any]) -> FaceAlignmentMetric:
    """The metric of a config, or the usual one, with changes.

    Raises:
        UserError: If it refuses its settings.
    """
    try:
        return FaceAlignmentMetric(**{**metric_settings(evaluator), **changes})
    except (TypeError, ValueError) as error:
        raise UserError(f'test_evaluator, FaceAlignmentMetric: {error}') from error


def metric_settings(evaluator: Any) -> dict[str, Any]:
    """Settings of the FaceAlignmentMetric of an evaluator, none if it has no such metric.

    Args:
        evaluator: `test_evaluator` of a config, see `metrics_of`.

    Returns:
        Arguments of `FaceAlignmentMetric` that say what is measured.
    """
    others = (*ABOUT_CLASS, 'outfile', 'prefix', 'collect_device', 'collect_dir')
    for metric in metrics_of(evaluator):
        if has_class(metric, FaceAlignmentMetric, METRICS):
            return {name: value for name, value in metric.items() if name not in others}
    return {}
