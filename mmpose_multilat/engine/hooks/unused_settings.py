"""Variables of a config that have no effect: what was copied before they were changed.

`--cfg-options codec.sigma=2` changes the variable `codec` after the file was read, when its value
stands in the head and in the pipelines already; the same happens to a variable of a base config
that another config sets again.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config

from .base_configs import base_configs
from .config_walk import same, walk
from .copied_numbers import describe_copied
from .trained_codec import codec_class

DATA_ROOT, PIPELINE = 'data_root', 'pipeline'
"""Keys at which variables of these names are used, also as end: `train_pipeline`."""

Settings = Mapping[str, Any]


def unused_settings(config: Config) -> list[str]:
    """Warn of the variables of a config that have no effect.

    See `describe_unused` for codecs, pipelines and data roots, `describe_copied` for numbers.

    Args:
        config: A config as the runner has it. One that was read from no file says nothing.
    """
    path = config.filename
    if path is None or not Path(path).is_file():
        return []
    written = Config.fromfile(path)
    before = [written, *(base for _, base in base_configs(path))]
    copied = [warning for each in before for warning in describe_copied(config, each)]
    return [*describe_unused(config, written), *dict.fromkeys(copied)]


def describe_unused(config: Settings, written: Settings) -> list[str]:
    """Name the codecs, pipelines and data roots among the variables that are used nowhere.

    A variable is not named if its file uses it and only the places were changed where it is used:
    that is how it should be.

    Args:
        config: A config with the changes of the command line.
        written: The same config as its file says.

    Returns:
        A warning for each, with the places that count instead.
    """
    unused = [
        name
        for name in _unused(config)
        if name in _unused(written) or not same(config[name], written.get(name))
    ]
    return [_warning(name, config) for name in unused]


def _unused(config: Settings) -> list[str]:
    """Variables whose values stand nowhere else."""
    places = list(walk(_without_variables(config)))
    return [
        name
        for name, value in config.items()
        if _is_variable(name, value) and not any(same(value, other) for _, other in places)
    ]


def _without_variables(config: Settings) -> dict[str, Any]:
    return {name: value for name, value in config.items() if not _is_variable(name, value)}


def _is_variable(name: str, value: Any) -> bool:
    if name == DATA_ROOT:
        return isinstance(value, str)
    is_pipeline = name.endswith(f'_{PIPELINE}') and isinstance(value, list)
    return is_pipeline or codec_class(value) is not None


def _warning(name: str, config: Settings) -> str:
    """Say that a variable has no effect, and what takes its place."""
    places = walk(_without_variables(config))
    if codec_class(config[name]) is not None:
        found = [path for path, value in places if codec_class(value) is not None]
    else:
        key = DATA_ROOT if name == DATA_ROOT else PIPELINE
        found = [path for path, _ in places if path.rpartition('.')[2] == key]
    instead = f' What counts: {", ".join(found)}.' if found else ''
    return (
        f'`{name}` of the config has no effect: its value is used nowhere. A config copies its '
        'variables to where they are used when it is read, so that changing one later (by '
        f'--cfg-options, or in a config built on this one) changes nothing.{instead}'
    )
