"""Network and decoder as one module that cuts crops itself: image and boxes in, landmarks out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

import torch
from torch import Tensor

from mmpose_multilat.landmarks import CropGeometry, Located
from mmpose_multilat.models.pose_estimators import View

from .graph import LandmarkGraph
from .names import BOXES, IMAGE

PLACES, FINE = 32, 1024
"""Parts of a px that OpenCV knows, of a place and of the two terms that it adds."""


@dataclass(frozen=True)
class ImageView(View):
    """What a network makes of crops that were cut out of an image.

    Attributes:
        regions: Where they lie.
    """

    regions: CropGeometry


class ImageGraph(LandmarkGraph):
    """Everything between an image with boxes and the landmarks of their faces.

    Args:
        estimator: See `LandmarkGraph`, also for what is given by name.
        input_size: Size (w, h) of the crops in px.
        bbox_padding: Factor that boxes are enlarged by, as in MMPose's `GetBBoxCenterScale`.
        use_udp: As in MMPose's `TopdownAffine`.
    """

    inputs = {IMAGE: {0: 'height', 1: 'width'}, BOXES: {0: 'faces'}}

    def __init__(
        self,
        estimator: Any,
        input_size: tuple[int, int],
        bbox_padding: float,
        use_udp: bool = False,
        **settings: Any,
    ) -> None:
        super().__init__(estimator, **settings)
        self.input_size, self.bbox_padding, self.use_udp = input_size, bbox_padding, use_udp

    def forward(self, image: Tensor, boxes: Tensor) -> tuple[Tensor, ...]:
        """Find the landmarks.

        Args:
            image: (H, W, C) uint8 of any size, as OpenCV reads it.
            boxes: (N, 4) float32 [x, y, w, h] of faces in px of the image, as `predict` takes them.

        Returns:
            What `LandmarkGraph.forward` returns of N faces, landmarks in px of the image.
        """
        return self.answer(self.look(image, boxes))

    def look(self, image: Tensor, boxes: Tensor) -> ImageView:
        """Cut crops and pass them once through the network, see `LandmarkGraph.look`."""
        regions = regions_of(boxes, self.bbox_padding, self.input_size, self.use_udp)
        view = super().look(cut_crops(image, regions))
        return ImageView(view.feats, view.outputs, view.width, regions)

    def locate(
        self, view: ImageView, encoded: Optional[Sequence[Tensor]] = None
    ) -> tuple[Tensor, ...]:
        """Find the landmarks in px of the image, see `LandmarkGraph.locate`."""
        found = Located(*super().locate(view, encoded)).to_image(view.regions)
        return tuple(each for each in found if each is not None)


def regions_of(
    boxes: Tensor, padding: float, input_size: Sequence[int], use_udp: bool = False
) -> CropGeometry:
    """Enlarge boxes and give them the shape of the network's input.

    Args:
        boxes: (N, 4) [x, y, w, h] in px of the image.
        padding: Factor that they are enlarged by.
        input_size: Size (w, h) of the input in px.
        use_udp: See `CropGeometry`.
    """
    width, height = input_size
    corner, sides = boxes[:, :2], boxes[:, 2:]
    shape = boxes.new_tensor((width / height, 1.0))
    # The larger of the height and of the height that the width asks for.
    tallest = (sides / shape).amax(-1, keepdim=True) * padding
    return CropGeometry(corner + sides / 2, tallest * shape, (width, height), use_udp)


def cut_crops(image: Tensor, regions: CropGeometry) -> Tensor:
    """Scale regions of an image to the network's input as OpenCV's `warpAffine` does.

    Like OpenCV it interpolates bilinearly at places that it knows to 1/32 px, and rounds to whole
    numbers.

    Args:
        image: (H, W, C) uint8.
        regions: N of them; what lies outside of the image is 0.

    Returns:
        (N, h, w, C) whole numbers from 0 to 255 in the dtype of the regions.
    """
    corners = regions.centre - regions.size / 2
    (columns, across), (rows, down) = (
        neighbours(corners[:, axis], regions.scale[:, axis], side, image.shape[1 - axis])
        for axis, side in enumerate(regions.input_size)
    )
    # All px that are read: (N, h, 2, w, 2).
    index = rows[:, :, :, None, None] * image.shape[1] + columns[:, None, None]
    values = image.flatten(0, 1)[index].to(across.dtype)
    crops = (values * across[:, None, None, :, :, None]).sum(4)
    crops = (crops * down[:, :, :, None, None]).sum(2)
    return (crops + 0.5).floor()


def neighbours(corner: Tensor, scale: Tensor, side: int, size: Any) -> tuple[Tensor, Tensor]:
    """Which px of an image the px of crops lie between, along one axis.

    Args:
        corner: (N,) places in px of the image of the first px of each crop.
        scale: (N,) px of the image in one px of a crop.
        side: Number n of px of a crop.
        size: Number of px of the image.

    Returns:
        (N, n, 2) indices of px in the image, and (N, n, 2) their weights, 0 outside of it.
    """
    steps = torch.arange(side, device=corner.device)
    # OpenCV rounds both parts of a place.
    fine = (corner * FINE).round()[:, None] + (steps * scale[:, None] * FINE).round()
    places = (fine * (PLACES / FINE) + 0.5).floor() / PLACES
    first = places.floor()
    share = places - first
    pair = torch.stack((first, first + 1), -1).long()
    inside = (pair >= 0) & (pair < size)
    return pair.clamp(0, size - 1), torch.stack((1 - share, share), -1) * inside
