"""Config, test set and model of a checkpoint; what does not fit together is a clear error."""

from pathlib import Path
from typing import Any, Optional

import numpy as np
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from mmengine.runner.checkpoint import CheckpointLoader
from mmpose.apis import init_model
from mmpose.codecs import MSRAHeatmap, UDPHeatmap
from mmpose.models import TopdownPoseEstimator

from mmpose_multilat.codecs import HeatmapCodec
from mmpose_multilat.tools.command_line import UserError

NAMES_SHOWN = 3
"""How many weights a message names before it only counts the rest."""


def load_config(path: str, options: dict[str, Any]) -> Config:
    """Read a config and apply changes to it.

    Raises:
        UserError: If there is no such file.
    """
    if not Path(path).is_file():
        raise UserError(f'config {path} does not exist')
    config = Config.fromfile(path)
    config.merge_from_dict(options)
    return config


def build_loader(config: Config, limit: Optional[int] = None) -> Any:
    """The test set of a config as a loader.

    Args:
        config: A config of MMPose.
        limit: Number of faces to keep, see `keep_spread`; None keeps all.

    Raises:
        UserError: If its annotation file does not exist, or `limit` is not positive.
    """
    try:
        loader = Runner.build_dataloader(config.test_dataloader)
    except (FileNotFoundError, AssertionError) as error:  # MMPose asserts that the file exists
        raise UserError(
            f'the data set is not where the config looks for it: {error}. Put it there, or name '
            'its folder by --cfg-options test_dataloader.dataset.data_root=...'
        ) from error
    if limit is None:
        return loader
    keep_spread(loader.dataset, limit)
    # The sampler has counted the faces before they became fewer.
    return Runner.build_dataloader({**config.test_dataloader, 'dataset': loader.dataset})


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


def decodes_gaussians(codec: Any) -> bool:
    """Whether a codec reads one Gaussian heatmap for each landmark."""
    known = isinstance(codec, (HeatmapCodec, MSRAHeatmap, UDPHeatmap))
    return known and getattr(codec, 'heatmap_type', 'gaussian') == 'gaussian'


def check_codec(codec: Any) -> None:
    """Refuse a head without Gaussian heatmaps.

    Raises:
        UserError: If the head has no codec or one of another kind.
    """
    if codec is None:
        raise UserError(
            'the head of the config has no codec; set model.head.decoder, for example to '
            "dict(type='POPoS', input_size=(256, 256), heatmap_size=(64, 64), sigma=2)"
        )
    if not decodes_gaussians(codec):
        raise UserError(
            f'the head decodes with {type(codec).__name__}; only Gaussian heatmaps can be compared '
            '(codecs of this package, MSRAHeatmap, or UDPHeatmap with heatmap_type="gaussian")'
        )


def build_model(config: Config, checkpoint: str, device: str) -> TopdownPoseEstimator:
    """The model of a config in evaluation mode with the weights of a checkpoint.

    MMEngine only warns of weights that are missing or of another size and goes on with random ones.
    Their results would be worthless, so here they are errors.

    Args:
        config: A config of MMPose.
        checkpoint: File of its weights.
        device: 'cpu', 'cuda:0' ...

    Returns:
        The model on the device.

    Raises:
        UserError: If the file does not exist, is no checkpoint, or belongs to another model; if the
            model is not a top-down one with a codec for Gaussian heatmaps.
    """
    state = read_weights(checkpoint)
    model = init_model(config, None, device='cpu')
    check_codec(getattr(getattr(model, 'head', None), 'decoder', None))
    if not isinstance(model, TopdownPoseEstimator):
        raise UserError(
            f'the model of the config is a {type(model).__name__}; benchmark reads the heatmaps of '
            "a model of type 'TopdownPoseEstimator'"
        )
    try:
        missing = model.load_state_dict(state, strict=False).missing_keys
    except RuntimeError as error:  # weights of other sizes, one a line after the first
        first = str(error).splitlines()[1:2] or [str(error)]
        raise UserError(f'{_misfit(checkpoint)}: {first[0].strip()}') from error
    if missing:
        names = ', '.join(missing[:NAMES_SHOWN])
        more = f' and {len(missing) - NAMES_SHOWN} more' if len(missing) > NAMES_SHOWN else ''
        raise UserError(f'{_misfit(checkpoint)}: it lacks {names}{more}')
    return model.to(device).eval()


def _misfit(checkpoint: str) -> str:
    return f'checkpoint {checkpoint} was not trained with this config (other model or landmarks)'


def read_weights(checkpoint: str) -> dict[str, torch.Tensor]:
    """The weights in a checkpoint by name.

    Raises:
        UserError: If the file does not exist or holds no weights.
    """
    if not Path(checkpoint).is_file():
        raise UserError(f'checkpoint {checkpoint} does not exist')
    try:
        content = CheckpointLoader.load_checkpoint(checkpoint, map_location='cpu')
    except Exception as error:  # the unpickler meets any byte and raises what comes of it
        raise UserError(
            f'{checkpoint} is no checkpoint that PyTorch reads with weights_only=True '
            f'({type(error).__name__}); it is damaged, something else, or holds objects besides '
            'weights and numbers'
        ) from error
    state = content.get('state_dict', content) if isinstance(content, dict) else None
    if not state or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise UserError(f'{checkpoint} holds no weights of a model (no state_dict)')
    return state
