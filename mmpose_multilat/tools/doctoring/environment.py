"""Facts about an installation, as plain data."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Probe:
    """Outcome of importing a module: its ``error`` (None: imported), and what it told."""

    error: str | None = None
    details: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Environment:
    """Facts about an installation.

    Attributes:
        python: Version of Python, (major, minor, patch).
        distributions: Normalised name of every installed distribution -> version.
        probes: Module -> outcome of importing it.
        variables: Environment variables that start with ``TORCH_``.
        installation: How this package is installed: 'wheel', 'editable' or 'source' (not at all).
        has_mim_folder: Whether the package holds ``.mim`` with configs and model index.
    """

    python: tuple[int, int, int]
    distributions: dict[str, str]
    probes: dict[str, Probe]
    variables: dict[str, str] = field(default_factory=dict)
    installation: str = 'wheel'
    has_mim_folder: bool = True

    def error(self, module: str) -> str:
        """Return why ``module`` cannot be imported, '' if it can or was not probed."""
        return self.probes.get(module, Probe()).error or ''

    def lacks(self, module: str) -> bool:
        """Tell whether ``module`` itself, and not something that it needs, is missing."""
        return missing_module(self.error(module)) == module.partition('.')[0]

    def release(self, distribution: str) -> tuple[int, ...]:
        """Return the numbers of a distribution's version, () if it is not installed."""
        return tuple(
            int(part) for part in re.findall(r'\d+', self.distributions.get(distribution, ''))[:3]
        )


def missing_module(error: str) -> str:
    """Return the top-level name in ``No module named 'NAME.sub'``, '' for any other error."""
    found = re.search(r"No module named '?(\w+)", error)
    return found.group(1) if found else ''
