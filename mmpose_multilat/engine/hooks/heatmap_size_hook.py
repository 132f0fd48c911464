"""Refuse to train or test a model whose output is not what its codecs decode."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Optional

import torch
from mmengine.hooks import Hook
from mmengine.registry import HOOKS
from mmengine.runner import Runner
from torch import Tensor, nn
from torch.utils.data import DataLoader

from mmpose_multilat.codecs import LandmarkCodec
from mmpose_multilat.engine.hooks.codec_agreement import (
    check_sizes_agree,
    describe_crops,
    describe_differences,
    find_decoder,
    find_encoders,
    unwrap,
)
from mmpose_multilat.models.heads import landmark_head, outputs_by_codec
from mmpose_multilat.models.pose_estimators import image_channels, look


def check_heatmap_size(model: nn.Module) -> None:
    """Compare what a model puts out with what its codecs decode, each output by its name.

    A zero image of the codec's input size passes once through the model, in evaluation mode and
    without gradients; parameters, statistics and training modes stay as they are. Without this
    check a wrong size shows only while training, as an error of broadcasting in the loss, and while
    testing with codecs of MMPose not at all: the landmarks are then scaled wrongly.

    Args:
        model: A pose estimator of MMPose, also in a wrapper such as `MMDistributedDataParallel`. A
            model without a decoder of heatmaps or of vectors passes.

    Raises:
        ValueError: If the sizes differ, or a codec of this package is given something else than it
            decodes. The message names both sizes (W x H) and the settings that would fit, or the
            heads that do.
    """
    model = unwrap(model)
    codec = find_decoder(model)
    if getattr(codec, 'heatmap_size', None) is None:
        return
    outputs = _put_out(model, codec.input_size)
    for name, (each, tensors) in outputs_by_codec(landmark_head(model.head), outputs).items():
        _check_output(model, name, each, tensors)


@HOOKS.register_module()
class HeatmapSizeHook(Hook):
    """Check once, before the first batch, that network and codecs fit each other.

    Calls :func:`check_heatmap_size` before training or evaluation. Before training it also refuses
    encoders in the pipelines whose sizes are not those of the head's decoder, and warns if their
    sigma or alignment differ. It warns once if a pipeline cuts crops for which the decoder does not
    correct.
    """

    def __init__(self) -> None:
        self._checked = False
        self._warned_of_crops = False

    def before_train(self, runner: Runner) -> None:
        """Check the model and the encoders of the pipelines before training."""
        self._check_once(runner, runner.train_dataloader)
        encoders, decoder = find_encoders(runner.train_dataloader), find_decoder(runner.model)
        for encoder in encoders:
            check_sizes_agree(encoder, decoder)
        warnings = [describe_differences(encoder, decoder) for encoder in encoders]
        for warning in dict.fromkeys(filter(None, warnings)):
            runner.logger.warning(warning)

    def before_val(self, runner: Runner) -> None:
        """Check the model before validation, unless training has begun with it, and the crops."""
        self._check_once(runner, runner.val_dataloader)

    def before_test(self, runner: Runner) -> None:
        """Check the model and the crops before testing."""
        self._check_once(runner, runner.test_dataloader)

    def _check_once(self, runner: Runner, loader: DataLoader) -> None:
        """Check the model, and the crops of every loader until one of them has a warning."""
        if not self._checked:
            check_heatmap_size(runner.model)
            self._checked = True
        warning = (
            None if self._warned_of_crops else describe_crops(loader, find_decoder(runner.model))
        )
        if warning:
            runner.logger.warning(warning)
            self._warned_of_crops = True


def _put_out(model: nn.Module, input_size: tuple[int, int]) -> Any:
    """What the head puts out for a zero image of this size (w, h)."""
    width, height = input_size
    device = next(model.parameters()).device
    image = torch.zeros(1, image_channels(model), height, width, device=device)
    with _evaluating(model), torch.no_grad():
        return look(model, image).outputs


def _check_output(model: nn.Module, name: str, codec: Any, tensors: tuple[Any, ...]) -> None:
    """Refuse one output of the head that its codec does not decode."""
    sizes = {
        (each.shape[-1], each.shape[-2])
        for each in tensors
        if isinstance(each, Tensor) and each.dim() == 4
    }
    wanted = getattr(codec, 'heatmap_size', None)
    # Of maps of several sizes only the head knows which are decoded.
    if wanted is not None and len(sizes) == 1 and sizes != {tuple(wanted)}:
        raise ValueError(_explain(model, name, codec, sizes.pop()))
    if isinstance(codec, LandmarkCodec):
        codec.check_encoded(*tensors)


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    """Set every module to evaluation mode and give each its own mode back afterwards."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def _explain(model: nn.Module, name: str, codec: Any, output_size: tuple[int, int]) -> str:
    """Say what differs and which settings agree with each other."""
    wanted, found, image = map(_size, (codec.heatmap_size, output_size, codec.input_size))
    message = (
        f'The head puts out {name} of {found} cells (W x H) for an input of {image} px, but the '
        f'codec {type(codec).__name__} decodes {name} of {wanted}. Either set '
        f'`codec.heatmap_size=({output_size[0]}, {output_size[1]})`, for the encoder in the '
        'training pipeline and for the decoder of the head'
    )
    stride = _fitting_stride(codec.input_size, codec.heatmap_size)
    if stride is None or not hasattr(getattr(model, 'backbone', None), 'stride'):
        return f'{message}, or choose a backbone of another stride.'
    return (
        f'{message}, or set `model.backbone.stride={stride}`, with the channels of the head that '
        'belong to it.'
    )


def _fitting_stride(input_size: tuple[int, int], heatmap_size: tuple[int, int]) -> Optional[int]:
    """Return the number of input px per cell, or None if it differs in x and y or is broken."""
    strides = {divmod(pixels, cells) for pixels, cells in zip(input_size, heatmap_size)}
    stride, remainder = strides.pop()
    return None if strides or remainder else stride


def _size(size: tuple[int, int]) -> str:
    return f'{size[0]}x{size[1]}'
