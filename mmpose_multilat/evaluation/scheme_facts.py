"""What a file of predictions says of its annotation scheme."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Optional

from mmpose_multilat.landmarks import LandmarkScheme, dataset_of
from mmpose_multilat.landmarks.schemes import Ends


def facts_of(scheme: LandmarkScheme, normalisers: Sequence[str]) -> dict[str, Any]:
    """Collect what settings can change of a scheme, and what other programs should know beside it.

    Args:
        scheme: The scheme.
        normalisers: The usual normalisers of the dataset.

    Returns:
        Facts for JSON.
    """
    return dict(
        scheme=scheme.name,
        num_landmarks=scheme.num_landmarks,
        eyes=scheme.eyes,
        pupils=scheme.pupils,
        parts=scheme.parts,
        normalisers=normalisers,
    )


def scheme_from(dataset: str, facts: dict[str, Any]) -> LandmarkScheme:
    """Build a scheme from what `facts_of` has collected.

    Args:
        dataset: Name of the dataset, which tells what the facts do not if its scheme is theirs.
        facts: As JSON gives them back, with lists in the place of tuples.

    Returns:
        The scheme, with these eyes, pupils and parts.

    Raises:
        KeyError, TypeError, AttributeError, ValueError: If the facts are something else.
    """
    known = dataset_of(dataset, facts['num_landmarks']).scheme
    if facts.get('scheme', known.name) != known.name:  # files of old do not say
        known = LandmarkScheme(known.num_landmarks)
    ends = {name: _ends(facts[name]) for name in ('eyes', 'pupils')}
    parts = {name: tuple(indices) for name, indices in facts['parts'].items()}
    return replace(known, parts=parts, **ends)


def _ends(value: Optional[list[list[int]]]) -> Optional[Ends]:
    if value is None:
        return None
    first, second = map(tuple, value)
    return first, second
