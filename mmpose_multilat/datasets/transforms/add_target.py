"""One more label for each face, of a second codec."""

from typing import Any

from mmcv.transforms import BaseTransform
from mmpose.datasets.transforms import GenerateTarget
from mmpose.registry import TRANSFORMS

from .labels import TABLES, merge_tables, tables_of


@TRANSFORMS.register_module()
class AddTarget(BaseTransform):
    """Encode what a head learns beside its landmarks, for instance with `BoundaryHeatmap`.

    Its place is behind `GenerateTarget`, which encodes the landmarks. A second `GenerateTarget`
    would have only its own labels packed, and one with a list of codecs packs the weights of the
    landmarks with one dimension more than most heads read.

    Args:
        encoder: Config of the codec; what it encodes has other names than what was encoded before.

    Raises:
        ValueError: If it is no config.
    """

    def __init__(self, encoder: dict[str, Any]) -> None:
        super().__init__()
        if not isinstance(encoder, dict):
            raise ValueError(
                f'encoder={encoder!r} must be the config of a codec; several need an AddTarget each'
            )
        self._target = GenerateTarget(encoder=encoder)

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Add the labels of the codec to a sample.

        Args:
            results: The sample, with the labels of `GenerateTarget`.

        Raises:
            ValueError: If it has none, or some of the same name.
        """
        before = tables_of(results)
        if not any(before.values()):
            raise ValueError('AddTarget stands behind GenerateTarget, and there is none before it')
        encoder = self._target.encoder
        twice = {
            key
            for name in TABLES
            for key in before[name].keys() & (getattr(encoder, name) or {}).keys()
        }
        if twice:
            raise ValueError(
                f'AddTarget(encoder={type(encoder).__name__}) would replace '
                f'{", ".join(sorted(twice))}, which the sample has already; give it a codec of '
                'other labels, for instance BoundaryHeatmap'
            )
        results = self._target(results)
        merge_tables(results, before)
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(encoder={self._target.encoder_cfg})'
