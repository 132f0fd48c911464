"""Names of a package whose modules are imported when somebody first asks for one."""

import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any


def lazy_names(package: str, **modules: Iterable[str]) -> Callable[[str], Any]:
    """Make the `__getattr__` of a package that offers names of modules that are slow to import.

    Args:
        package: Full name of the package.
        modules: Module of the package -> names in it that the package offers.

    Returns:
        What gives the value of a name and keeps it in the package; it raises AttributeError for
        other names.
    """
    places = {name: module for module, names in modules.items() for name in names}

    def get(name: str) -> Any:
        if name not in places:
            raise AttributeError(f'module {package!r} has no attribute {name!r}')
        value = getattr(import_module(f'{package}.{places[name]}'), name)
        setattr(sys.modules[package], name, value)
        return value

    return get
