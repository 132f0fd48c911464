"""The arguments that a codec was built with."""

import inspect
from typing import Any


def arguments_of(codec: Any) -> dict[str, Any]:
    """The arguments of a codec's class with their present values, as far as it keeps them."""
    names = inspect.signature(type(codec)).parameters
    return {name: getattr(codec, name) for name in names if hasattr(codec, name)}
