"""HRNetV2-W18 whose stem goes down to the size of a small heatmap at once."""

from typing import Any, Optional, Union

import torch
from mmcv.cnn import ConvModule
from mmpose.models.backbones import HRNet
from mmpose.registry import MODELS
from torch import Tensor, nn

from mmpose_multilat.landmarks.checks import is_whole

# Strides of the 3x3 convolutions of the stem; the product is the number of input px per cell.
STEM_STRIDES: dict[int, tuple[int, ...]] = {
    4: (2, 2),
    8: (4, 2),
    16: (4, 4),
    32: (4, 4, 2),
    64: (4, 4, 2, 2),
}

# Every stage adds a branch of half the resolution. Of a 256 px input, stride 32 leaves 8x8 cells,
# which can be halved twice, and stride 64 leaves 4x4 cells, which can be halved once.
LAST_STAGES: dict[int, int] = {4: 4, 8: 4, 16: 4, 32: 3, 64: 2}

STEM_CHANNELS = 64
WIDTH = 18
"""Channels of the branch of the highest resolution; every further branch has twice as many."""
BRANCH_CHANNELS = tuple(WIDTH * 2**branch for branch in range(4))
FIRST_STAGE_BLOCKS = 4
BLOCKS_PER_BRANCH = 4
# HRModules in stages 2, 3 and 4.
MODULES_PER_STAGE = {2: 1, 3: 4, 4: 3}

InitConfig = Optional[Union[dict[str, Any], list[dict[str, Any]]]]

# The initialisation of MMPose's HRNet, for a backbone that loads no weights.
DEFAULT_INIT: list[dict[str, Any]] = [
    dict(type='Normal', std=0.001, layer=['Conv2d']),
    dict(type='Constant', val=1, layer=['_BatchNorm', 'GroupNorm']),
]


def hrnetv2_stages(width: int) -> dict[str, dict[str, Any]]:
    """Describe HRNetV2 in the form of the argument ``extra`` of MMPose's HRNet.

    Args:
        width: Channels of the first branch: 18 for HRNetV2-W18.

    Returns:
        dict: ``stage1`` to ``stage4``, all branches kept at the end of every stage, and
        ``upsample``, the bilinear interpolation between branches.
    """
    stages: dict[str, dict[str, Any]] = dict(
        stage1=dict(
            num_modules=1,
            num_branches=1,
            block='BOTTLENECK',
            num_blocks=(FIRST_STAGE_BLOCKS,),
            num_channels=(STEM_CHANNELS,),
        )
    )
    for stage, num_modules in MODULES_PER_STAGE.items():
        stages[f'stage{stage}'] = dict(
            num_modules=num_modules,
            num_branches=stage,
            block='BASIC',
            num_blocks=(BLOCKS_PER_BRANCH,) * stage,
            num_channels=tuple(width * 2**branch for branch in range(stage)),
            multiscale_output=True,
        )
    stages['upsample'] = dict(mode='bilinear', align_corners=False)
    return stages


@MODELS.register_module()
class FastHRNet(HRNet):
    """HRNetV2-W18 with early fast down-sampling, for heatmaps of 64x64 down to 4x4 cells.

    The stem alone decides the resolution: its 3x3 convolutions have the strides of
    :data:`STEM_STRIDES`, so everything behind it runs on the cells of the heatmap. Where the map
    is too small for four resolutions, the stages that would make them are left out.

    ======  =============  ===============  ========  ==========
    stride  stem           cells at 256 px  channels  parameters
    ======  =============  ===============  ========  ==========
    4       2, 2           64x64            270       9.6 M
    8       4, 2           32x32            270       9.6 M
    16      4, 4           16x16            270       9.6 M
    32      4, 4, 2        8x8              126       2.8 M
    64      4, 4, 2, 2     4x4              54        0.65 M
    ======  =============  ===============  ========  ==========

    Layers that MMPose's HRNet has as well bear its parameter names, so HRNetV2-W18 weights load
    into them; the third and fourth convolution of the stem start from their initial values.

    Source: Bao et al., "KeyPosS: Plug-and-Play Facial Landmark Detection through GPS-Inspired
    True-Range Multilateration", ACM MM 2023, table 2.

    Args:
        stride (int): Input px per heatmap cell: 4, 8, 16, 32 or 64.
        in_channels (int): Channels of the input image.
        conv_cfg (dict, optional): Convolution layers; None means ``Conv2d``.
        norm_cfg (dict, optional): Normalisation layers; None means batch normalisation.
        norm_eval (bool): Whether normalisation statistics stay fixed while training.
        with_cp (bool): Whether to save memory by recomputing activations.
        zero_init_residual (bool): Whether residual branches start at zero.
        frozen_stages (int): Stages up to this one are not trained; -1 trains all, 0 freezes the
            stem.
        init_cfg (dict | list[dict], optional): Initialisation as in MMEngine. None leaves
            PyTorch's.

    Raises:
        ValueError: If ``stride`` is not listed above, or ``frozen_stages`` names a stage that
            this stride does not have.
    """

    def __init__(
        self,
        stride: int = 4,
        in_channels: int = 3,
        conv_cfg: Optional[dict[str, Any]] = None,
        norm_cfg: Optional[dict[str, Any]] = None,
        norm_eval: bool = False,
        with_cp: bool = False,
        zero_init_residual: bool = False,
        frozen_stages: int = -1,
        init_cfg: InitConfig = DEFAULT_INIT,
    ) -> None:
        _check_stages(stride, frozen_stages)
        super().__init__(
            extra=hrnetv2_stages(WIDTH),
            in_channels=in_channels,
            conv_cfg=conv_cfg,
            norm_cfg=dict(type='BN') if norm_cfg is None else norm_cfg,
            norm_eval=norm_eval,
            with_cp=with_cp,
            zero_init_residual=zero_init_residual,
            init_cfg=init_cfg,
        )
        self.stride = int(stride)
        self.last_stage = LAST_STAGES[stride]
        self._set_stem_strides(STEM_STRIDES[stride])
        self._remove_stages_after(self.last_stage)
        self.frozen_stages = int(frozen_stages)
        self._freeze_stages()

    @property
    def out_channels(self) -> int:
        """Channels of all branches together, which a head on their concatenation receives."""
        return sum(BRANCH_CHANNELS[: self.last_stage])

    @property
    def size_divisor(self) -> int:
        """Input width and height must be multiples of this so that branches fit each other."""
        return self.stride * 2 ** (self.last_stage - 1)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Compute the feature maps of all branches.

        Args:
            x (Tensor): Normalised images (B, C, H, W); H and W are multiples of
                :attr:`size_divisor`.

        Returns:
            tuple[Tensor]: Branch b has shape (B, 18 * 2**b, H / stride / 2**b, W / stride / 2**b).

        Raises:
            ValueError: If H or W is not a multiple of :attr:`size_divisor`.
        """
        self._check_input(x)
        x = self.relu(self.norm1(self.conv1(x)))
        x = self.relu(self.norm2(self.conv2(x)))
        branches = [self.layer1(self.stem_tail(x))]
        for stage in range(2, self.last_stage + 1):
            transition = getattr(self, f'transition{stage - 1}')
            branches = [
                branches[index] if layer is None else layer(branches[-1])
                for index, layer in enumerate(transition)
            ]
            branches = getattr(self, f'stage{stage}')(branches)
        return tuple(branches)

    def _set_stem_strides(self, strides: tuple[int, ...]) -> None:
        """Give the stem these strides, with a further convolution for each after the second."""
        self.conv1.stride = (strides[0], strides[0])
        self.conv2.stride = (strides[1], strides[1])
        self.stem_tail = nn.Sequential(
            *(
                ConvModule(
                    STEM_CHANNELS,
                    STEM_CHANNELS,
                    kernel_size=3,
                    stride=stride,
                    padding=1,
                    conv_cfg=self.conv_cfg,
                    norm_cfg=self.norm_cfg,
                )
                for stride in strides[2:]
            )
        )

    def _remove_stages_after(self, last_stage: int) -> None:
        """Drop what HRNet always builds, so that no parameter is stored without being used."""
        for stage in range(last_stage + 1, len(BRANCH_CHANNELS) + 1):
            delattr(self, f'transition{stage - 1}')
            delattr(self, f'stage{stage}')
        if last_stage < len(BRANCH_CHANNELS):
            # HRNet freezes a stage together with the transition behind it.
            setattr(self, f'transition{last_stage}', nn.ModuleList())

    def _freeze_stages(self) -> None:
        """Freeze the stem, its further convolutions included, and the stages asked for."""
        super()._freeze_stages()
        if self.frozen_stages >= 0:
            self.stem_tail.eval()
            self.stem_tail.requires_grad_(False)

    def _check_input(self, x: Tensor) -> None:
        """Refuse an image whose branches would not fit each other; skipped while tracing."""
        height, width = x.shape[-2:]
        if torch.jit.is_tracing() or not (height % self.size_divisor or width % self.size_divisor):
            return
        raise ValueError(
            f'FastHRNet with stride={self.stride} needs an input whose width and height are '
            f'multiples of {self.size_divisor}, got {width}x{height} (W x H). Change '
            '`codec.input_size` and the `input_size` of TopdownAffine.'
        )


def _check_stages(stride: int, frozen_stages: int) -> None:
    """Refuse a stride that has no stem and a frozen stage that the stride does not have."""
    if not is_whole(stride) or stride not in STEM_STRIDES:
        raise ValueError(
            f'FastHRNet: stride must be one of {sorted(STEM_STRIDES)}, got {stride!r}.'
        )
    if not is_whole(frozen_stages) or not -1 <= frozen_stages <= LAST_STAGES[stride]:
        raise ValueError(
            f'FastHRNet with stride={stride} has {LAST_STAGES[stride]} stages: frozen_stages must '
            f'be a whole number between -1 and {LAST_STAGES[stride]}, got {frozen_stages!r}.'
        )
