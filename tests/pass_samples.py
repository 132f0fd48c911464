"""Small pose estimators with untrained networks, and test sets without files."""

from types import SimpleNamespace

import numpy as np
import torch
from mmengine.structures import InstanceData
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample
from torch import nn

from mmpose_multilat.models.heads import LocatingHead

SIZE, CELLS, CHANNELS = (64, 32), (16, 8), 32
PARTNERS = [1, 0, 2, 4, 3]
LANDMARKS = len(PARTNERS)
CODEC = dict(input_size=SIZE, heatmap_size=CELLS, sigma=2.0)
META = dict(dataset_name='five points', num_keypoints=LANDMARKS)


class OffsetHead(LocatingHead):
    """Its landmarks are not what its codec decodes: a learned offset of the face moves them."""

    def __init__(self, *args, **settings):
        super().__init__(*args, **settings)
        self.offset = nn.Linear(CHANNELS, 2)

    def locate_outputs(self, outputs, feats, covariances=False):
        found = super().locate_outputs(outputs, feats, covariances)
        moved = 20 * self.offset(feats[-1].mean((-2, -1))).unsqueeze(1)
        return found._replace(coordinates=found.coordinates + moved)


def heatmaps_by(codec, head='HeatmapHead', **changes):
    """A head of heatmaps with a codec."""
    loss = dict(type='KeypointMSELoss')
    decoder = dict(type=codec, **CODEC, **changes)
    return dict(type=head, loss=loss, out_channels=LANDMARKS, decoder=decoder, **UPSAMPLING)


UPSAMPLING = dict(deconv_out_channels=(8, 8, 8), deconv_kernel_sizes=(4, 4, 4))

VECTORS = dict(
    type='GaussianVectorHead',
    out_channels=LANDMARKS,
    decoder=dict(type='GaussianVector', **CODEC),
    **UPSAMPLING,
)
OFFSETS = heatmaps_by('POPoS', OffsetHead)
POINTS = dict(
    type='RegressionHead',
    num_joints=LANDMARKS,
    decoder=dict(type='RegressionLabel', input_size=SIZE),
)
SIMCC = dict(
    type='SimCCHead',
    out_channels=LANDMARKS,
    input_size=SIZE,
    in_featuremap_size=(2, 1),
    decoder=dict(type='SimCCLabel', input_size=SIZE, sigma=4.9),
    **UPSAMPLING,
)


def make_estimator(head, kind='MultilaterationPoseEstimator', **test_cfg):
    """An untrained estimator whose landmarks are spread over the crop."""
    config = dict(
        type=kind,
        data_preprocessor=dict(type='PoseDataPreprocessor', mean=[120] * 3, std=[60] * 3),
        backbone=dict(type='ResNet', depth=18, base_channels=CHANNELS // 8),
        head=dict(head, in_channels=CHANNELS),
        test_cfg=test_cfg,
    )
    if head is POINTS:
        config['neck'] = dict(type='GlobalAveragePooling')
    torch.manual_seed(0)
    model = MODELS.build(config).eval()
    for weights in model.parameters():
        if weights.ndim == 4:
            nn.init.kaiming_normal_(weights)
    return model


def make_sample(random, name, landmarks=LANDMARKS):
    """A face whose crop lies anywhere in its image; the middle landmark has no label."""
    width = random.uniform(80, 200)
    scale = np.array([width, width * SIZE[1] / SIZE[0]])
    centre = random.uniform(100, 300, 2)
    about = dict(
        input_size=SIZE,
        input_center=centre,
        input_scale=scale,
        flip_indices=PARTNERS,
        img_path=f'{name}.jpg',
        img_id=int(name),
        id=int(name),
        raw_ann_info=dict(person=f'person {int(name) % 2}'),
    )
    sample = PoseDataSample(metainfo=about)
    keypoints = centre + random.uniform(-0.5, 0.5, (1, landmarks, 2)) * scale
    visible = np.ones((1, landmarks))
    visible[0, landmarks // 2] = 0
    sample.gt_instances = InstanceData(
        keypoints=keypoints,
        keypoints_visible=visible,
        bboxes=np.concatenate((centre - scale / 2, centre + scale / 2))[None],
        bbox_scores=np.ones(1),
    )
    return sample


class Loader(list):
    """Batches of random crops and faces; what MMPose's loaders hand out."""

    def __init__(self, faces=4, batch_size=2, landmarks=LANDMARKS):
        random = np.random.default_rng(0)
        crops = random.integers(0, 256, (faces, 3, SIZE[1], SIZE[0]), np.uint8)
        samples = [make_sample(random, str(face), landmarks) for face in range(faces)]
        starts = range(0, faces, batch_size)
        super().__init__(
            dict(
                inputs=[torch.from_numpy(crop) for crop in crops[start : start + batch_size]],
                data_samples=samples[start : start + batch_size],
            )
            for start in starts
        )
        self.dataset = Faces(faces, landmarks)


class Faces(SimpleNamespace):
    """The dataset behind a loader."""

    def __init__(self, faces, landmarks):
        super().__init__(metainfo={**META, 'num_keypoints': landmarks}, faces=faces)

    def __len__(self):
        return self.faces


def predicted_by_estimator(model, loader):
    """(N, K, 2) landmarks in px of the images, as MMPose's test loop gets them."""
    with torch.no_grad():
        samples = [each for batch in loader for each in model.test_step(batch)]
    return np.concatenate([each.pred_instances.keypoints for each in samples])
