"""Which decoders take part in a calibration."""

from collections.abc import Sequence
from typing import Any

from mmpose_multilat.analysis.decoder_choice import choose_decoders
from mmpose_multilat.errors import UserError
from mmpose_multilat.models.pose_estimators import codecs_with_covariances, knows_covariances


def decoders_with_covariances(codec: Any, words: Sequence[str]) -> dict[str, Any]:
    """The decoders that a user asks for, or all that estimate covariances.

    Args:
        codec: The head's codec.
        words: As `choose_decoders` takes them.

    Returns:
        Decoders by label.

    Raises:
        UserError: If one that was asked for estimates no covariances, or there is none that does.
    """
    able = ', '.join(codecs_with_covariances())
    chosen = choose_decoders(codec, words)
    silent = [label for label, each in chosen.items() if not knows_covariances(each)]
    if words and silent:
        raise UserError(f'`decoders` {silent[0]}: estimates no covariances; choose from {able}')
    if len(silent) == len(chosen):
        raise UserError(
            f'the head decodes with {type(codec).__name__}, and no decoder of its output '
            f'estimates covariances; they come from Gaussian heatmaps by {able}'
        )
    return {label: each for label, each in chosen.items() if label not in silent}
