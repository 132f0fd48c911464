"""Config, test set and model of a checkpoint; what does not fit together is a clear error."""

from typing import Any, Optional

import numpy as np
from mmengine.config import Config
from mmengine.runner import Runner
from mmpose.models import TopdownPoseEstimator
from torch.utils.data import Subset

from mmpose_multilat.errors import UserError, explain_errors
from mmpose_multilat.inference.configs import load_config
from mmpose_multilat.inference.estimators import build_estimator
from mmpose_multilat.models.heads import codec_of
from mmpose_multilat.settings import plain_settings

from .decoders import decodes_gaussians

__all__ = [
    'SomeFaces',
    'build_loader',
    'build_model',
    'check_gaussians',
    'keep_spread',
    'load_config',
]


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
    some = keep_spread(loader.dataset, limit)
    # The sampler has counted the faces before they became fewer.
    return Runner.build_dataloader({**config.test_dataloader, 'dataset': some})


def _build_all(settings: Any) -> Any:
    """A loader with all faces."""
    try:
        return Runner.build_dataloader(settings)
    except (FileNotFoundError, AssertionError) as error:  # MMPose asserts that the file exists
        places = plain_settings(settings.get('dataset'), 'test_dataloader.dataset')
        folders = ' '.join(f'{place}.data_root=...' for place in places)
        raise UserError(
            f'the dataset is not where the config looks for it: {error}. Put it there, or name '
            f'its folder by `cfg_options` {folders}'
        ) from error


class SomeFaces(Subset):
    """Some faces of a dataset of any kind; wrapped ones refuse MMEngine's own `get_subset_`.

    Samples are those of the whole dataset, with its ids.
    """

    @property
    def metainfo(self) -> dict[str, Any]:
        """That of the dataset."""
        return self.dataset.metainfo

    def get_data_info(self, index: int) -> dict[str, Any]:
        """What the annotations say of one of the faces."""
        return self.dataset.get_data_info(self.indices[index])


def keep_spread(dataset: Any, limit: int) -> Any:
    """Keep `limit` faces, spread evenly over a dataset; neighbours are often frames of one film.

    Args:
        dataset: A dataset or a wrapper of some.
        limit: How many faces; larger numbers keep all of them.

    Returns:
        A dataset of these faces.

    Raises:
        UserError: If `limit` is not positive.
    """
    if limit < 1:
        raise UserError(f'`limit` {limit} must be positive')
    if limit >= len(dataset):
        return dataset
    places = np.linspace(0, len(dataset) - 1, limit).round().astype(int)
    return SomeFaces(dataset, places.tolist())


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
    if codec_of(model.head if model.with_head else None) is None:
        raise UserError(
            'the head of the config has no codec; set model.head.decoder, for example to '
            "dict(type='POPoS', input_size=(256, 256), heatmap_size=(64, 64), sigma=2)"
        )
    return model
