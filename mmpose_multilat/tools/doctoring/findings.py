"""What the doctor finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional

from .environment import Environment


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong (``is_note``: only worth knowing), and what mends it."""

    problem: str
    remedy: str
    is_note: bool = False


Check = Callable[[Environment], Optional[Finding]]
