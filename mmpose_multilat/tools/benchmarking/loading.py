"""Config, test set and model of a checkpoint; what does not fit together is a clear error."""

from pathlib import Path
from typing import Any, Optional

import numpy as np
from mmengine.config import Config
from mmengine.runner import Runner
from mmpose.models import TopdownPoseEstimator

from mmpose_multilat.analysis import decodes_gaussians
from mmpose_multilat.tools.command_line import UserError, explain_errors
from mmpose_multilat.tools.pose_estimators import build_estimator


def load_config(path: str, options: dict[str, Any]) -> Config:
    """Read a config and apply changes to it.

    Raises:
        UserError: If there is no such file, it cannot be read, or the changes do not fit it.
    """
    if not Path(path).is_file():
        raise UserError(f'config {path} does not exist')
    with explain_errors(f'config {path} cannot be read'):
        config = Config.fromfile(path)
    with explain_errors(f'--cfg-options do not fit config {path}'):
        config.merge_from_dict(options)
    return config


def build_loader(config: Config, limit: Optional[int] = None) -> Any:
    """The test set of a config as a loader.

    Args:
        config: A config of MMPose.
        limit: Number of faces to keep, see `keep_spread`; None keeps all.

    Raises:
        UserError: If it has none or one that cannot be built, its annotation file does not exist,
            or `limit` is not positive.
    """
    if config.get('test_dataloader') is None:
        raise UserError('the config has no test_dataloader; take a config of MMPose with a test')
    with explain_errors('the test set of the config cannot be built'):
        loader = _build_all(config.test_dataloader)
    if limit is None:
        return loader
    keep_spread(loader.dataset, limit)
    # The sampler has counted the faces before they became fewer.
    return Runner.build_dataloader({**config.test_dataloader, 'dataset': loader.dataset})


def _build_all(settings: Any) -> Any:
    """A loader with all faces."""
    try:
        return Runner.build_dataloader(settings)
    except (FileNotFoundError, AssertionError) as error:  # MMPose asserts that the file exists
        raise UserError(
            f'the data set is not where the config looks for it: {error}. Put it there, or name '
            'its folder by --cfg-options test_dataloader.dataset.data_root=...'
        ) from error


def keep_spread(dataset: Any, limit: int) -> None:
    """Keep `limit` faces, spread evenly over a data set; neighbours are often frames of one film.

    Args:
        dataset: A data set of MMEngine, changed in place.
        limit: How many faces; larger numbers keep all of them.

    Raises:
        UserError: If `limit` is not positive.
    """
    if limit < 1:
        raise UserError(f'--limit {limit} must be positive')
    if limit < len(dataset):
        places = np.linspace(0, len(dataset) - 1, limit).round().astype(int)
        dataset.get_subset_(places.tolist())


def check_gaussians(codec: Any) -> None:
    """Refuse a codec whose output other decoders cannot read.

    Raises:
        UserError: If it is not one of Gaussian heatmaps.
    """
    if not decodes_gaussians(codec):
        raise UserError(
            f'the head decodes with {type(codec).__name__}; only Gaussian heatmaps can be compared '
            '(codecs of this package, MSRAHeatmap, or UDPHeatmap with heatmap_type="gaussian")'
        )


def build_model(config: Config, checkpoint: str, device: str) -> TopdownPoseEstimator:
    """The model of a config whose head has a codec, see `build_estimator`.

    Args:
        config: A config of MMPose.
        checkpoint: File of its weights.
        device: 'cpu', 'cuda:0' ...

    Returns:
        The model on the device.

    Raises:
        UserError: As `build_estimator`, and if the head has no codec.
    """
    model = build_estimator(config, checkpoint, device)
    if getattr(getattr(model, 'head', None), 'decoder', None) is None:
        raise UserError(
            'the head of the config has no codec; set model.head.decoder, for example to '
            "dict(type='POPoS', input_size=(256, 256), heatmap_size=(64, 64), sigma=2)"
        )
    return model
