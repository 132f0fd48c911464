"""Which decoders take part in a benchmark, and with which settings."""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from mmpose_multilat.codecs import LandmarkCodec
from mmpose_multilat.codecs.arguments import arguments_of
from mmpose_multilat.errors import UserError

from .registered import build_registered

SETTINGS_OF_HEATMAPS = ('input_size', 'heatmap_size', 'alignment')


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
    known, unfit = build_registered(codec)
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
            raise UserError(f'`decoders` {name}: {reason}')
    for label, decoder in known.items():
        if _plain(name) in (_plain(label), _plain(type(decoder).__name__)):
            return label
    raise UserError(f'`decoders` {name}: unknown, choose from {", ".join(known)}')


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
    if not isinstance(decoder, LandmarkCodec):
        raise UserError(f'`decoders` {word}: only decoders of this package take settings here')
    try:
        pairs = dict(pair.split('=', 1) for pair in settings.split(','))
        given = {key: _value(text) for key, text in pairs.items()}
        _refuse_shared(given)
        return type(decoder)(**{**arguments_of(decoder), **given})
    except (TypeError, ValueError) as error:
        raise UserError(f'`decoders` {word}: {error}') from error


def _value(text: str) -> Any:
    """A number, True, None ... or the word itself."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
