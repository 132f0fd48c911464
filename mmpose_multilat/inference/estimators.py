"""The pose estimator of a config with the weights of a checkpoint; what does not fit is an error.

MMEngine only warns of weights that are missing or of another size and goes on with random ones.
"""

import warnings
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.model import revert_sync_batchnorm
from mmengine.registry import init_default_scope
from mmengine.runner.checkpoint import CheckpointLoader
from mmpose.models import TopdownPoseEstimator, build_pose_estimator
from torch import nn

from mmpose_multilat.engine.finite_weights import describe_not_finite
from mmpose_multilat.engine.hooks.trained_codec import describe_other_training
from mmpose_multilat.errors import SettingsWarning, UserError, blame_user, explain_errors
from mmpose_multilat.settings import metainfo_of

NAMES_SHOWN = 3
"""How many weights a message names before it only counts the rest."""

WRAPPER = 'module.'
"""Before the names of all weights where a model was saved in its wrapper for several GPUs."""


def build_estimator(config: Config, checkpoint: str, device: str) -> TopdownPoseEstimator:
    """The top-down pose estimator of a config in evaluation mode with the weights of a checkpoint.

    The registries of the config's `default_scope`, or MMPose's, are the default ones afterwards.
    A `SettingsWarning` tells if the head decodes otherwise than the checkpoint was trained, where
    the checkpoint says that.

    Args:
        config: A config of MMPose.
        checkpoint: File of its weights.
        device: 'cpu', 'cuda:0' ...

    Returns:
        The estimator on the device. Its `dataset_meta` is that of the checkpoint, else that of the
        config, else empty, see `metainfo_of`.

    Raises:
        UserError: If the file does not exist, is no checkpoint, belongs to another model, or holds
            weights that are not finite; if the config has no model, or one that cannot be built or
            is no top-down one; if only the config has metainfo, which cannot be read.
    """
    content = read_checkpoint(checkpoint)
    if config.get('model') is None:
        raise UserError('the config has no model; take a config of MMPose')
    with explain_errors('the model of the config cannot be built'):
        estimator = _build(config)
    if not isinstance(estimator, TopdownPoseEstimator):
        raise UserError(
            f'the model of the config is a {type(estimator).__name__}; a top-down one is needed '
            "(type 'TopdownPoseEstimator')"
        )
    _load_weights(estimator, content['state_dict'], checkpoint)
    warning = describe_other_training(content, estimator)
    if warning:
        warnings.warn(warning, SettingsWarning, stacklevel=2)
    with blame_user():
        estimator.dataset_meta = metainfo_of(content, config)
    return estimator.to(device).eval()


def _build(config: Config) -> nn.Module:
    """Build the model of a config as MMPose's `init_model` does.

    That one would give the landmarks of a body to a network without plain training set.
    """
    init_default_scope(config.get('default_scope') or 'mmpose')
    if 'init_cfg' in config.model.backbone:
        config.model.backbone.init_cfg = None  # the checkpoint has all weights
    config.model.train_cfg = None
    model = revert_sync_batchnorm(build_pose_estimator(config.model))
    model.cfg = config
    return model


def _load_weights(model: nn.Module, state: dict[str, torch.Tensor], checkpoint: str) -> None:
    """Give a model its weights.

    Raises:
        UserError: If some are missing, not finite, or have another size.
    """
    misfit = f'checkpoint {checkpoint} was not trained with this config (other model or landmarks)'
    state = {name.removeprefix(WRAPPER): each for name, each in state.items()}
    try:
        missing = model.load_state_dict(state, strict=False).missing_keys
    except RuntimeError as error:  # weights of other sizes, one a line after the first
        first = (str(error).splitlines()[1:2] or [str(error)])[0]
        raise UserError(f'{misfit}: {first.strip()}') from error
    if missing:
        names = ', '.join(missing[:NAMES_SHOWN])
        more = f' and {len(missing) - NAMES_SHOWN} more' if len(missing) > NAMES_SHOWN else ''
        raise UserError(f'{misfit}: it lacks {names}{more}')
    fault = describe_not_finite(model)
    if fault:
        raise UserError(f'checkpoint {checkpoint}: {fault}')


def read_checkpoint(checkpoint: str) -> dict[str, Any]:
    """What is in a checkpoint.

    Returns:
        `state_dict`, the weights by name, and what else MMEngine writes beside it; nothing else if
        the file holds weights alone.

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
    content = content if isinstance(content, dict) else {}
    content = content if 'state_dict' in content else dict(state_dict=content)
    state = content['state_dict']
    if not state or not all(
        isinstance(name, str) and isinstance(value, torch.Tensor) for name, value in state.items()
    ):
        raise UserError(f'{checkpoint} holds no weights of a model (no state_dict)')
    return content
