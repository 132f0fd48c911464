"""Images in another size."""

from torch import Tensor
from torch.nn import functional as F


def resized(images: Tensor, size: tuple[int, int]) -> Tensor:
    """(B, C, h, w) images in another size (w, h), areas averaged where it is smaller."""
    width, height = size
    if images.shape[-2:] == (height, width):
        return images
    return F.interpolate(images, size=(height, width), mode='area')
