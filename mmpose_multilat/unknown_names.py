"""Why a name of a config is in no registry, said where MMEngine only says that it is not."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Callable, Iterator
from typing import Any

import mmengine.registry
from mmengine.registry import Registry

UNKNOWN = re.compile(r'(?P<name>\S+) is not in the \S+::(?P<kind>.+?) registry\. Please check')
"""How MMEngine's message begins."""

APPENDING = "custom_imports = dict(imports=[*_base_.custom_imports.imports, 'mmpose_multilat'])"
"""What a config says that imports this package besides the modules of its base."""

SIMILAR = 0.85
"""Smallest share of letters in common of a name that was perhaps meant; capitals do not count."""


def explain_unknown_names() -> None:
    """Let the registries of MMEngine and MMPose say what may be missing. May be called again.

    Their `KeyError` stays one, and names the module of a base config that was lost, or a similar
    name that is known.
    """
    for registry in _registries():
        if not hasattr(registry.build_func, 'explains_unknown_names'):
            registry.build_func = _explaining(registry.build_func)


def _registries() -> Iterator[Registry]:
    """All registries of MMEngine and MMPose."""
    from mmpose import registry  # not above: this module is imported as soon as that one is

    for module in (mmengine.registry, registry):
        yield from (each for each in vars(module).values() if isinstance(each, Registry))


def _explaining(build: Callable[..., Any]) -> Callable[..., Any]:
    """Build likewise, with another message where a name is unknown."""

    @functools.wraps(build)
    def explained(*args: Any, **settings: Any) -> Any:
        try:
            return build(*args, **settings)
        except KeyError as error:
            found = UNKNOWN.match(str(error.args[0])) if error.args else None
            if found is not None:
                error.args = (describe_unknown(found['name'], found['kind'], found[0]),)
            raise

    explained.explains_unknown_names = True
    return explained


def describe_unknown(name: str, kind: str, beginning: str) -> str:
    """Say why a name is in no registry.

    Args:
        name: The `type` of a config.
        kind: Name of the registries that could have it, 'model' for example.
        beginning: First words of MMEngine's message.
    """
    registries = (each for each in _registries() if each.name == kind)
    known = {each.lower(): each for registry in registries for each in registry.module_dict}
    written = name.rpartition('.')[2].lower()
    similar = difflib.get_close_matches(written, sorted(known), 1, SIMILAR)
    meant = f'. Or was {known[similar[0]]} meant?' if similar else ''
    return (
        f'{beginning.partition(". ")[0]}: no imported module registers it. `custom_imports` of a '
        f'config replaces that of its `_base_`; append to it: {APPENDING}{meant}'
    )
