"""Everything that a config says, by its place."""

from collections.abc import Iterator, Mapping
from typing import Any


def walk(content: Any, path: str = '') -> Iterator[tuple[str, Any]]:
    """Walk through everything inside dicts and lists.

    Args:
        content: A config or a part of it.
        path: Place of `content` itself.

    Yields:
        Place and value of each, the place as `--cfg-options` writes it.
    """
    if isinstance(content, Mapping):
        inside = content.items()
    elif isinstance(content, (list, tuple)):
        inside = enumerate(content)
    else:
        return
    for key, value in inside:
        place = f'{path}.{key}' if path else str(key)
        yield place, value
        yield from walk(value, place)


def same(one: Any, other: Any) -> bool:
    """Compare two values without telling tuples from lists, as `--cfg-options` does not."""
    return _plain(one) == _plain(other)


def _plain(value: Any) -> Any:
    """A value with lists in place of tuples."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value
