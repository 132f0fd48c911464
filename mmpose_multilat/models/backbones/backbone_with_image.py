"""A backbone that gives the image itself beside its features."""

from collections.abc import Sequence
from typing import Any, Optional

from mmengine.model import BaseModule
from mmpose.registry import MODELS
from torch import Tensor

from mmpose_multilat.landmarks.checks import check_size
from mmpose_multilat.models.layers import resized


@MODELS.register_module()
class BackboneWithImage(BaseModule):
    """Any backbone of MMPose, for heads that look at the image too.

    `ReferenceHeatmapHead` compares the image with that of a reference face, and heads are given
    features alone.

    Args:
        backbone: Config of the backbone.
        image_size: Size (w, h) of the image that is given, in px.
        neck: Config of a neck behind the backbone; the estimator's own would be given the image.
        init_cfg: Initialisation of the backbone, in the place of its own; its own if None.
    """

    def __init__(
        self,
        backbone: dict[str, Any],
        image_size: Sequence[int] = (128, 128),
        neck: Optional[dict[str, Any]] = None,
        init_cfg: Optional[dict[str, Any]] = None,
    ) -> None:
        super().__init__()
        if init_cfg is not None:
            backbone = dict(backbone, init_cfg=init_cfg)
        self.backbone = MODELS.build(backbone)
        self.neck = None if neck is None else MODELS.build(neck)
        self.image_size = check_size('image_size', image_size)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Compute features.

        Args:
            images: (B, 3, H, W) normalised images.

        Returns:
            Feature maps of backbone or neck, and last the images, (B, 3, h, w) of `image_size`.
        """
        feats = self.backbone(images)
        if self.neck is not None:
            feats = self.neck(feats)
        return (*feats, resized(images, self.image_size))
