"""The codec that a checkpoint was trained with, from the config that it carries.

The config is a text of Python. It comes with a file that anybody may have written, so it is read,
never run.
"""

import ast
from collections.abc import Iterator, Mapping
from typing import Any, Optional

from mmpose.codecs.base import BaseKeypointCodec
from mmpose.registry import KEYPOINT_CODECS
from torch import nn

from mmpose_multilat.settings import ABOUT_CLASS, known_class

from .codec_agreement import describe_differences, find_decoder


def describe_other_training(checkpoint: Mapping[str, Any], model: nn.Module) -> Optional[str]:
    """Say what the head of a model decodes otherwise than a checkpoint was trained.

    Args:
        checkpoint: What the file holds, with the config in `meta` where MMEngine has written it.
        model: A pose estimator.

    Returns:
        A warning, or None if nothing differs or the checkpoint does not tell.
    """
    meta = checkpoint.get('meta')
    text = meta.get('cfg') if isinstance(meta, Mapping) else None
    codec = trained_codec(text) if isinstance(text, str) else None
    decoder = find_decoder(model)
    if codec is None or decoder is None:
        return None
    return describe_differences(codec, decoder, "the checkpoint's training")


def trained_codec(config_text: str) -> Optional[Any]:
    """Build the codec of the labels of a training.

    Args:
        config_text: A config as MMEngine writes it into checkpoints.

    Returns:
        The first encoder in the training pipelines, or the decoder of the head where there is none;
        None if the text tells no codec that is registered.
    """
    config = read_config(config_text)
    encoders = list(_values_of('encoder', config.get('train_dataloader')))
    decoders = list(_values_of('decoder', config.get('model')))
    built = (build_codec(each) for each in (*encoders, *decoders))
    return next((codec for codec in built if codec is not None), None)


def build_codec(settings: Any) -> Optional[Any]:
    """Build a codec that is registered, None if `settings` are not those of one."""
    kind = codec_class(settings)
    if kind is None:
        return None
    try:
        return kind(**{name: each for name, each in settings.items() if name not in ABOUT_CLASS})
    except (TypeError, ValueError, AssertionError):  # arguments of another version
        return None


def codec_class(settings: Any) -> Optional[type]:
    """The class of a codec, None if `settings` are not those of one.

    Args:
        settings: `type`, a class or its name, perhaps with its package, and the arguments.
    """
    kind = known_class(settings, KEYPOINT_CODECS)
    return kind if kind is not None and issubclass(kind, BaseKeypointCodec) else None


def read_config(text: str) -> dict[str, Any]:
    """Read the variables of a config that are made of plain values.

    Args:
        text: Assignments of dicts, lists, tuples, strings and numbers.

    Returns:
        Value by name. What is no plain value is None; without proper Python the dict is empty.
    """
    try:
        lines = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    return {
        line.targets[0].id: _value(line.value)
        for line in lines
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name)
    }


def _value(node: ast.expr) -> Any:
    """The value of an expression, None for all that would have to be run."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == 'dict':
        return {each.arg: _value(each.value) for each in node.keywords if each.arg}
    if isinstance(node, ast.Dict):
        keys = [_value(each) for each in node.keys if each is not None]
        return dict(zip(map(str, keys), map(_value, node.values)))
    if isinstance(node, (ast.List, ast.Tuple)):
        values = map(_value, node.elts)
        return list(values) if isinstance(node, ast.List) else tuple(values)
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _values_of(key: str, content: Any) -> Iterator[Any]:
    """What stands under a key, at any depth, in the order of the text."""
    if isinstance(content, Mapping):
        yield from (content[key],) if key in content else ()
    elif not isinstance(content, (list, tuple)):
        return
    for each in content.values() if isinstance(content, Mapping) else content:
        yield from _values_of(key, each)
