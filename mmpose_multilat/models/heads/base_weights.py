"""Weights of a head that stands inside another one."""

from typing import Any, Optional

from torch import nn


def move_into(state: dict[str, Any], prefix: str, head: nn.Module, name: str) -> None:
    """Rename the weights of a plain head to those of the head inside another one, in place.

    Args:
        state: Weights by name, of a whole model.
        prefix: What the names of the outer head's weights begin with, for instance 'head.'.
        head: The outer head. What belongs to none of its parts is the inner head's.
        name: Name of the inner head within the outer one.
    """
    parts = dict(head.named_children())
    for key in [each for each in state if each.startswith(prefix)]:
        rest = key.removeprefix(prefix)
        if rest.partition('.')[0] not in parts:
            state[f'{prefix}{name}.{rest}'] = state.pop(key)


def first_misfit(state: dict[str, Any], prefix: str, head: nn.Module) -> Optional[str]:
    """Name a weight of a head that a checkpoint lacks or has in another shape, None without.

    Args:
        state: Weights by name, of a whole model.
        prefix: What the names of the head's weights begin with.
        head: The head.
    """
    for name, weight in head.state_dict().items():
        found = state.get(f'{prefix}{name}')
        if getattr(found, 'shape', None) != weight.shape:
            return f'{prefix}{name}'
    return None
