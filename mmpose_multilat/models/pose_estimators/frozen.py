"""Parts of a model that training leaves as they are."""

from collections.abc import Sequence

from torch import nn


def freeze(model: nn.Module, names: Sequence[str]) -> None:
    """Take the gradients from parts of a model.

    The parts have to be kept in evaluation mode, too, for the statistics of batch normalisation
    would change otherwise.

    Args:
        model: The model.
        names: Of the parts, for instance 'backbone' or 'head.base_head'.

    Raises:
        ValueError: If a name is none of a part.
    """
    if isinstance(names, str):
        raise ValueError(f'frozen={names!r} must be a list of names, for instance [{names!r}]')
    for part in [_part(model, name) for name in names]:
        part.requires_grad_(False)


def _part(model: nn.Module, name: str) -> nn.Module:
    try:
        part = model.get_submodule(name) if name else None
    except AttributeError:
        part = None
    if part is None:
        known = ', '.join(each for each, _ in model.named_children())
        raise ValueError(
            f'frozen: the model has no part {name!r}; it has {known}, and parts of these, for '
            "instance 'head.base_head'"
        )
    return part
