"""Small networks that a reference face guides, and samples that carry one."""

from typing import Any

import numpy as np
import torch
from mmengine.structures import InstanceData, PixelData
from mmpose.registry import KEYPOINT_CODECS, MODELS
from mmpose.structures import PoseDataSample
from torch import Tensor, nn

from mmpose_multilat.landmarks import SCHEMES

SCHEME, LANDMARKS = 'aflw', 19
INPUT_SIZE, HEATMAP_SIZE = (64, 64), (16, 16)
SIZES = dict(input_size=INPUT_SIZE, heatmap_size=HEATMAP_SIZE)
CODEC = dict(type='GaussianMLE', sigma=1, **SIZES)
BOUNDARIES = dict(type='BoundaryHeatmap', scheme=SCHEME, **SIZES)
PARTNERS = list(SCHEMES[SCHEME].flip_indices)
PREPROCESSOR = dict(
    type='PoseDataPreprocessor',
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    bgr_to_rgb=True,
)
NETWORK = dict(image_size=(32, 32), heatmap_size=HEATMAP_SIZE, channels=(16, 8))


@MODELS.register_module()
class SmallBackbone(nn.Module):
    """8x8 cells of a 64x64 input."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 12, 8, stride=8)

    def forward(self, images: Tensor) -> tuple[Tensor]:
        return (self.layer(images).relu(),)

    def init_weights(self) -> None:
        """What chance gave stays."""


def build_estimator(**changes: Any) -> nn.Module:
    """An estimator in evaluation mode with chance weights and a full bank.

    Args:
        changes: Of the head; those of the estimator are `test_cfg` and `type`.
    """
    torch.manual_seed(0)
    model = MODELS.build(
        dict(
            type=changes.pop('type', 'MultilaterationPoseEstimator'),
            data_preprocessor=PREPROCESSOR,
            backbone=dict(
                type='BackboneWithImage',
                image_size=(32, 32),
                backbone=dict(type='SmallBackbone'),
            ),
            test_cfg=changes.pop('test_cfg', dict(flip_test=False)),
            head={**head_settings(), **changes},
        )
    )
    nn.init.normal_(model.head.final_layer.weight)
    fill(model.head.bank)
    return model.eval()


def head_settings() -> dict[str, Any]:
    """Config of the head."""
    return dict(
        type='ReferenceHeatmapHead',
        in_channels=12,
        out_channels=LANDMARKS,
        scheme=SCHEME,
        preprocessor=PREPROCESSOR,
        network=NETWORK,
        sigma=1,
        boundaries=BOUNDARIES,
        decoder=CODEC,
    )


def fill(bank: nn.Module, seed: int = 0) -> None:
    """Put faces of noise into a bank."""
    generator = torch.Generator().manual_seed(seed)
    bank.images.random_(0, 256, generator=generator)
    bank.landmarks.uniform_(20, 108, generator=generator)
    bank.visible.fill_(1)


def make_samples(count: int, references: bool = True, seed: int = 0) -> list[PoseDataSample]:
    """Samples as the pipeline packs them, with labels and perhaps with references."""
    random = np.random.default_rng(seed)
    samples = []
    for _ in range(count):
        landmarks = random.uniform(10, 54, (1, LANDMARKS, 2)).astype(np.float32)
        encoded = KEYPOINT_CODECS.build(CODEC).encode(landmarks)
        labels = dict(
            keypoint_labels=encoded['keypoint_labels'],
            keypoint_weights=encoded['keypoint_weights'],
            **KEYPOINT_CODECS.build(BOUNDARIES).encode(landmarks),
        )
        if references:
            labels.update(
                reference_image=random.integers(0, 256, (1, 3, 128, 128), dtype=np.uint8),
                reference_landmarks=random.uniform(20, 108, (1, LANDMARKS, 2)).astype(np.float32),
                reference_visible=np.ones((1, LANDMARKS), np.float32),
            )
        sample = PoseDataSample(
            gt_instance_labels=InstanceData(**labels).to_tensor(),
            gt_fields=PixelData(heatmaps=torch.from_numpy(encoded['heatmaps'])),
            metainfo=dict(
                flip_indices=PARTNERS,
                input_size=INPUT_SIZE,
                input_center=np.array([32.0, 32.0]),
                input_scale=np.array([64.0, 64.0]),
            ),
        )
        sample.gt_instances = InstanceData(bboxes=np.zeros((1, 4)), bbox_scores=np.ones(1))
        samples.append(sample)
    return samples
