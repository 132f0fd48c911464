"""Which decoders take part in a benchmark, and with which settings."""

import ast
import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from mmpose.registry import KEYPOINT_CODECS

from mmpose_multilat.codecs import HeatmapCodec
from mmpose_multilat.codecs.arguments import arguments_of
from mmpose_multilat.tools.command_line import UserError
from mmpose_multilat.tools.matching_decoders import LABELS, build_decoders

SETTINGS_OF_HEATMAPS = ('input_size', 'heatmap_size', 'alignment')


def registered_decoders(codec: Any) -> dict[str, Any]:
    """One decoder of every kind in MMPose's registry that reads the heatmaps of a codec.

    Args:
        codec: The head's codec: one of this package, `MSRAHeatmap` or `UDPHeatmap`. It stands in
            for its own kind, so that its settings are kept.

    Returns:
        Decoders by label, the simplest first, without those of `unfit_decoders`.
    """
    return _build_registered(codec)[0]


def unfit_decoders(codec: Any) -> dict[str, str]:
    """Why some kinds are missing in `registered_decoders`, by label: they refuse the heatmaps."""
    return _build_registered(codec)[1]


def _build_registered(codec: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """The decoders by label, and why the others refuse the heatmaps."""
    kinds = {**LABELS, **{kind: kind.__name__ for kind in _other_kinds()}}
    decoders, reasons = build_decoders(codec, kinds)
    if isinstance(codec, HeatmapCodec):
        return decoders, reasons
    return {type(codec).__name__: codec, **decoders}, reasons  # MMPose's, which it was trained with


def _other_kinds() -> list[type]:
    """Registered heatmap codecs without a label of their own, by name."""
    registered = set(KEYPOINT_CODECS.module_dict.values())
    kinds = {kind for kind in registered if issubclass(kind, HeatmapCodec)} - set(LABELS)
    return sorted((kind for kind in kinds if not inspect.isabstract(kind)), key=_name)


def _name(kind: type) -> str:
    return kind.__name__


def choose_decoders(codec: Any, wanted: Sequence[str]) -> dict[str, Any]:
    """The decoders that a user asks for.

    Args:
        codec: The head's codec.
        wanted: Words 'NAME' or 'NAME:setting=value,setting=value', where NAME is a label or the
            name of a class, for example 'KeyPosS:kernel_size=3'. Settings that are not named stay
            those of the head's codec if it is of that kind. None of them means all decoders.

    Returns:
        Decoders by label, in the order of `wanted`.

    Raises:
        UserError: If a name is unknown, its decoder cannot read such heatmaps, or a setting is
            refused.
    """
    known, unfit = _build_registered(codec)
    if not wanted:
        return known
    chosen: dict[str, Any] = {}
    for word in wanted:
        name, _, settings = word.partition(':')
        label = _find(name, known, unfit)
        if not settings:
            chosen[label] = known[label]
        else:
            chosen[f'{label} {settings}'] = _rebuild(known[label], word, settings)
    return chosen


def _find(name: str, known: dict[str, Any], unfit: dict[str, str]) -> str:
    """The label that a name means, upper and lower case and hyphens aside."""
    for label, reason in unfit.items():
        if _plain(name) == _plain(label):
            raise UserError(f'--decoders {name}: {reason}')
    for label, decoder in known.items():
        if _plain(name) in (_plain(label), _plain(type(decoder).__name__)):
            return label
    raise UserError(f'--decoders {name}: unknown, choose from {", ".join(known)}')


def _plain(name: str) -> str:
    return name.replace('-', '').lower()


def _refuse_shared(given: Mapping[str, Any]) -> None:
    """Refuse settings that belong to the heatmaps: all decoders read the same ones.

    Raises:
        ValueError: If one is among them.
    """
    for name in SETTINGS_OF_HEATMAPS:
        if name in given:
            raise ValueError(f'{name} belongs to the heatmaps, which all decoders share')


def _rebuild(decoder: Any, word: str, settings: str) -> Any:
    """The same decoder with some settings changed."""
    if not isinstance(decoder, HeatmapCodec):
        raise UserError(f'--decoders {word}: only decoders of this package take settings here')
    try:
        pairs = dict(pair.split('=', 1) for pair in settings.split(','))
        given = {key: _value(text) for key, text in pairs.items()}
        _refuse_shared(given)
        return type(decoder)(**{**arguments_of(decoder), **given})
    except (TypeError, ValueError) as error:
        raise UserError(f'--decoders {word}: {error}') from error


def _value(text: str) -> Any:
    """A number, True, None ... or the word itself."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def settings_of(decoder: Any) -> dict[str, Any]:
    """The arguments of a decoder's class with their present values, as far as it keeps them.

    Args:
        decoder: A codec.

    Returns:
        Values that JSON can hold, by argument; sizes and sigma are left out, which all decoders
        of a benchmark share.
    """
    shared = {'input_size', 'heatmap_size', 'sigma'}
    plain = (bool, int, float, str, type(None))
    return {
        name: value
        for name, value in arguments_of(decoder).items()
        if name not in shared and isinstance(value, plain)
    }
