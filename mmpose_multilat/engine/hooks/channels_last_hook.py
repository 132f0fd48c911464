"""Keep channels last in memory while a model runs on a CPU."""

from collections.abc import Collection, Sequence
from typing import Any, Union

import torch
from mmengine.hooks import Hook
from mmengine.registry import HOOKS
from mmengine.runner import Runner
from torch import nn


def _check_devices(devices: Any) -> tuple[str, ...]:
    """The types of devices as a tuple, or ValueError."""
    names = (devices,) if isinstance(devices, str) else devices
    if not isinstance(names, Collection) or not all(map(_is_device_type, names)):
        raise ValueError(
            f"devices={devices!r} must be types of devices, 'cpu' or ('cpu', 'cuda'), without "
            'their numbers'
        )
    return tuple(names)


def _is_device_type(name: Any) -> bool:
    try:
        return isinstance(name, str) and torch.device(name).type == name
    except RuntimeError:
        return False


@HOOKS.register_module()
class ChannelsLastHook(Hook):
    """Store weights and features as (B, H, W, C), which the convolutions of a CPU compute faster.

    Shapes, checkpoints and results stay as they are, except for rounding: a layout of memory is all
    that changes. `projects/benchmarks` has the gain.

    Args:
        devices: Types of the devices on which the layout changes, 'cpu' or ('cpu', 'cuda'). On GPUs
            the faster layout depends on precision and model, so they have to be asked for.

    Raises:
        ValueError: If a name is no type of devices.
    """

    def __init__(self, devices: Union[str, Sequence[str]] = ('cpu',)) -> None:
        self.devices = _check_devices(devices)

    def before_train(self, runner: Runner) -> None:
        """Change the layout before training."""
        self._convert(runner.model)

    def before_val(self, runner: Runner) -> None:
        """Change the layout before validation; nothing happens where it has been changed."""
        self._convert(runner.model)

    def before_test(self, runner: Runner) -> None:
        """Change the layout before testing."""
        self._convert(runner.model)

    def _convert(self, model: nn.Module) -> None:
        parameter = next(model.parameters(), None)
        if parameter is not None and parameter.device.type in self.devices:
            model.to(memory_format=torch.channels_last)
