"""Which class the `type` of a part of a config names."""

import sys
from collections.abc import Mapping
from typing import Any, Optional, Union

from mmengine.registry import Registry

ABOUT_CLASS = 'type', '_scope_'
"""The settings of a part that are no arguments of its class."""


def class_of(settings: Any, registry: Registry) -> Any:
    """The class that settings name, found as building them finds it.

    Args:
        settings: Part of a config. Its `type` is a class, or a name in the registry, with or
            without its scope, or the full path of a class; `_scope_` may name the scope instead.
        registry: MMPose's registry of such parts. It counts where no default scope is set yet, or
            that of the config does not know the name.

    Returns:
        The class, or whatever else is registered under the name; None if `settings` are no dict
        with a `type`, or the name is unknown.
    """
    kind = settings.get('type') if isinstance(settings, Mapping) else None
    if not isinstance(kind, str):
        return kind
    with registry.switch_scope_and_registry(settings.get('_scope_')) as current:
        found = _find(kind, current)
    return _find(kind, registry) if found is None else found


def _find(name: str, registry: Registry) -> Any:
    try:
        return registry.get(name)
    except RuntimeError:  # what the registry makes of a path whose module fails
        return None


def has_class(settings: Any, classes: Union[type, tuple[type, ...]], registry: Registry) -> bool:
    """Whether settings name one of some classes, or a class derived from them."""
    kind = class_of(settings, registry)
    return isinstance(kind, type) and issubclass(kind, classes)


def known_class(settings: Any, registry: Registry) -> Optional[type]:
    """The class that settings name, if it is there already: nothing is imported.

    For settings that anybody may have written, such as the config inside a checkpoint, and for
    those that may be of something else than the registry holds.

    Args:
        settings: As for `class_of`.
        registry: The registry of such parts.

    Returns:
        The class; None if there is none.
    """
    kind = settings.get('type') if isinstance(settings, Mapping) else None
    if isinstance(kind, str):
        place, _, name = kind.rpartition('.')
        registered = place in ('', registry.scope)
        known = registry.module_dict if registered else vars(sys.modules.get(place, object))
        kind = known.get(name)
    return kind if isinstance(kind, type) else None
