"""Reference faces: images with landmarks, and the bank of them that a checkpoint carries."""

from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from mmpose_multilat.landmarks.checks import check_whole

BANK_SIZE = 16
"""Faces in a bank; 3 MB of a checkpoint."""

IMAGE_SIZE = (128, 128)
"""(w, h) of the images of reference faces in px (section III-D)."""

NAME_LENGTH = 32
"""Bytes for the name of the landmark scheme."""


class References(NamedTuple):
    """R reference faces.

    Attributes:
        images: (R, 3, 128, 128) BGR, values from 0 to 255, of any dtype.
        landmarks: (R, K, 2) landmarks (x, y) in px of the images.
        visible: (R, K), 0 for landmarks without a label.
    """

    images: Tensor
    landmarks: Tensor
    visible: Tensor


class ReferenceBank(nn.Module):
    """The faces that guide a network where a sample brings none, kept in its checkpoint.

    Face 0 is the neutral one. A bank that was never filled has black images without landmarks.
    Images and name are kept as float32: with several GPUs MMEngine's `SyncBuffersHook` adds the
    buffers of all up and divides, which in uint8 would run over.

    Args:
        landmarks: Number K of landmarks.
        scheme: Name of their scheme, at most 32 bytes.
        seed: Draws the face of `chosen('random')`.

    Raises:
        ValueError: If the name is too long.
    """

    def __init__(self, landmarks: int, scheme: str, seed: int = 0) -> None:
        super().__init__()
        self.name = scheme
        self.drawn = Random(check_whole('reference_seed', seed, 0)).randrange(BANK_SIZE)
        width, height = IMAGE_SIZE
        images = torch.zeros(BANK_SIZE, 3, height, width)
        self.register_buffer('images', images)
        self.register_buffer('landmarks', torch.zeros(BANK_SIZE, landmarks, 2))
        self.register_buffer('visible', torch.zeros(BANK_SIZE, landmarks))
        self.register_buffer('scheme', _as_bytes(scheme))

    def chosen(self, choice: str) -> References:
        """The neutral face ('neutral'), the drawn one ('random'), or all for other choices."""
        index = {'neutral': slice(1), 'random': slice(self.drawn, self.drawn + 1)}
        faces = self.images, self.landmarks, self.visible
        return References(*(each[index.get(choice, slice(None))] for each in faces))

    @property
    def is_filled(self) -> bool:
        """Whether there are faces in it."""
        return bool(self.visible.any())

    def fill(self, faces: Sequence[Any]) -> None:
        """Take faces.

        Args:
            faces: `image` (3, 128, 128) uint8, `landmarks` (K, 2) and `visible` (K,) of each; the
                neutral one first. Fewer than 16 are repeated.

        Raises:
            ValueError: If there is none, or they have another number of landmarks.
        """
        if not faces:
            raise ValueError('a bank of reference faces needs at least one face')
        for name in References._fields:
            own = getattr(self, name)
            part = name.removesuffix('s') if name == 'images' else name
            values = torch.stack([torch.as_tensor(getattr(each, part)) for each in faces])
            if values.shape[1:] != own.shape[1:]:
                raise ValueError(
                    f'{name} of reference faces must be {tuple(own.shape[1:])}, got '
                    f'{tuple(values.shape[1:])}; take them from data of the scheme {self.name!r}'
                )
            order = torch.arange(BANK_SIZE) % len(faces)
            own.copy_(values[order])

    def _load_from_state_dict(
        self, state_dict: dict[str, Tensor], prefix: str, *others: Any, **settings: Any
    ) -> None:
        """Refuse faces of another scheme, which torch would take if their number agrees."""
        loaded = state_dict.get(f'{prefix}scheme')
        if loaded is not None and loaded.tolist() != self.scheme.tolist():
            name = bytes(map(int, loaded.tolist())).rstrip(b'\0').decode(errors='replace')
            raise ValueError(
                f'The reference faces of the checkpoint have landmarks of the scheme {name!r}, the '
                f'head is for {self.name!r}. Take a checkpoint of data of that scheme, or load the '
                "backbone's weights alone: model.backbone.init_cfg=dict(type='Pretrained', "
                "checkpoint=..., prefix='backbone.backbone.')"
            )
        super()._load_from_state_dict(state_dict, prefix, *others, **settings)


def _as_bytes(name: str) -> Tensor:
    """A name as (32,) numbers, for a checkpoint that holds tensors alone."""
    encoded = name.encode() if isinstance(name, str) else b''
    if not 0 < len(encoded) <= NAME_LENGTH:
        raise ValueError(
            f"scheme={name!r} must be the name of a landmark scheme, for instance 'ibug', of at "
            f'most {NAME_LENGTH} bytes'
        )
    return torch.tensor(list(encoded.ljust(NAME_LENGTH, b'\0')), dtype=torch.float32)
