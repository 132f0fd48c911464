"""Modules that the base of a config imports and the config itself does not any more."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Optional

from mmengine.config import Config

from mmpose_multilat.unknown_names import APPENDING

from .base_configs import base_configs


def describe_replaced_imports(config: Config) -> Optional[str]:
    """Say which modules are lost because `custom_imports` replaces that of a base.

    Args:
        config: A config that was read from a file; of others nothing is known.

    Returns:
        A warning, or None if every module of the bases is imported.
    """
    if config.filename is None or not Path(config.filename).is_file():
        return None
    imported = _imports(config)
    lost = {name: base for base, name in _imports_of_bases(config.filename) if name not in imported}
    if not lost:
        return None
    named = ', '.join(f'{name} (of {base})' for name, base in lost.items())
    return (
        f'`custom_imports` of the config replaces that of its `_base_`, so that {named} is not '
        f'imported. Append to it: {APPENDING}'
    )


def _imports_of_bases(path: str) -> Iterator[tuple[str, str]]:
    """Name of a base's file and a module that it imports, at every depth."""
    for base, content in base_configs(path):
        yield from ((base.name, name) for name in _imports(content))


def _imports(config: Mapping[str, Any]) -> list[str]:
    """Names of modules in `custom_imports`, which may be one or several."""
    names = (config.get('custom_imports') or {}).get('imports') or []
    return [names] if isinstance(names, str) else list(names)
