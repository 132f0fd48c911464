"""Numbers of a config that were changed after they had been copied to where they count.

The configs of this package say a number once: the dataset's file has `num_landmarks`, a config
`out_channels=_base_.num_landmarks`. Whoever sets `num_landmarks` alone in a config built on that
one, or by `--cfg-options`, changes nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .config_walk import same, walk

COPIED = {
    'batch_size': 'batch_size',
    'num_landmarks': 'out_channels',
    'scheme': 'scheme',
    'sigma': 'sigma',
    'num_anchors': 'num_anchors',
    'heatmap.input_size': 'input_size',
    'heatmap.heatmap_size': 'heatmap_size',
}
"""Variables of the base configs, and the key under which their values are used."""


def describe_copied(config: Mapping[str, Any], before: Mapping[str, Any]) -> list[str]:
    """Name the numbers that were changed while every place that they had been copied to stayed.

    Args:
        config: A config as it is used.
        before: A config that it is built on, or the file before the changes of a command line.

    Returns:
        A warning for each, with the places that count instead.
    """
    # A `Config` is no Mapping.
    now, then = (dict(walk(dict(each.items()))) for each in (config, before))
    warnings = []
    for name, key in COPIED.items():
        if name in now and name in then and not same(now[name], then[name]):
            places = [place for place in _places(then, key) if same(then[place], then[name])]
            if places and all(place in now and same(now[place], then[place]) for place in places):
                warnings.append(_warning(name, now[name], then[name], places))
    return warnings


def _warning(name: str, value: Any, copied: Any, places: list[str]) -> str:
    return (
        f'`{name} = {value}` of the config has no effect: a config copies its variables to where '
        f'they are used when it is read, and there {copied} was copied. What counts: '
        f'{", ".join(places)}.'
    )


def _places(walked: Mapping[str, Any], key: str) -> Iterator[str]:
    """Places with this key in what a runner builds, not in variables."""
    for place in walked:
        top, _, _ = place.partition('.')
        is_built = top == 'model' or top.endswith('_dataloader')
        if is_built and place.rpartition('.')[2] == key:
            yield place
