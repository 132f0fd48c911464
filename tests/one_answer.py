"""Networks of every kind of head that read synthetic faces, as files for the tools.

A network need not be trained for its landmarks to be compared; but heatmaps of noise have several
maxima, of which one answer takes this and another that. These heatmaps are Gaussians with a little
noise, whose places depend on the image and have nothing to do with the image flipped.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpose.registry import MODELS
from torch import Tensor, nn

from mmpose_multilat.datasets.synthetic import Request, write_data_sets
from mmpose_multilat.models.heads import LocatingHead, ReferenceHeatmapHead
from mmpose_multilat.multilateration import encode_gaussian

ROOT = Path(__file__).parents[1]
BASE = ROOT / 'configs/face_2d_keypoint/popos/300w/popos_hrnetv2-w18_4xb32-100e_300w-256x256-hm4.py'

FACES, LANDMARKS, INPUT_SIZE, HEATMAP_SIZE = 4, 68, (128, 128), (16, 16)
SIZES = dict(input_size=INPUT_SIZE, heatmap_size=HEATMAP_SIZE, sigma=2)
VECTORS = dict(SIZES, type='GaussianVector', rounded=False, refine='exact')
NO_LAYERS = dict(deconv_out_channels=None, final_layer=None)
"""Of `HeatmapHead`, whose backbone puts out the heatmaps."""
LOSS_OF_COORDINATES = dict(type='MPJPELoss', use_target_weight=True)
REGIONS = 4
"""Along each side of the crop, whose mean colours say where the landmarks are."""


@MODELS.register_module()
class FaceReader(nn.Module):
    """A backbone that puts out heatmaps: Gaussians at places that it reads from the image."""

    def __init__(self) -> None:
        super().__init__()
        self.places = nn.Linear(3 * REGIONS**2, 2 * LANDMARKS)
        self.texture = nn.Conv2d(3, LANDMARKS, 1)

    def forward(self, crops: Tensor) -> tuple[Tensor]:
        colours = nn.functional.adaptive_avg_pool2d(crops, REGIONS).flatten(1)
        places = self.places(colours).unflatten(-1, (LANDMARKS, 2)).tanh()
        last = torch.tensor(HEATMAP_SIZE, dtype=crops.dtype, device=crops.device) - 1
        heatmaps = encode_gaussian((0.5 + 0.4 * places) * last, HEATMAP_SIZE, SIZES['sigma'])
        return (heatmaps + self.texture(nn.functional.adaptive_avg_pool2d(crops, HEATMAP_SIZE)),)

    def init_weights(self) -> None:
        torch.nn.init.normal_(self.places.weight, std=0.5)
        torch.nn.init.normal_(self.texture.weight, std=0.01)


@MODELS.register_module()
class PooledOffsetHead(LocatingHead):
    """Moves what its codec decodes by some px, learned from pooled features."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.offsets = nn.Linear(LANDMARKS, 2 * LANDMARKS)
        torch.nn.init.normal_(self.offsets.weight, std=5)

    def offsets_of(self, feats: Any) -> Tensor:
        """(B, K, 2) in input px."""
        return self.offsets(feats[-1].mean((-2, -1))).unflatten(-1, (LANDMARKS, 2))

    def locate_outputs(self, outputs: Any, feats: Any, covariances: bool = False) -> Any:
        found = super().locate_outputs(outputs, feats, covariances)
        return found._replace(coordinates=found.coordinates + self.offsets_of(feats))


@MODELS.register_module()
class SteadyReferenceHead(ReferenceHeatmapHead):
    """Adds to its features little of what the faces of a full bank say, so that maxima stay."""

    def init_weights(self) -> None:
        torch.nn.init.constant_(self.network.fusion.fusions[0].layer.norm.weight, 0.02)
        torch.nn.init.eye_(self.final_layer.weight[..., 0, 0])
        self.bank.images.random_(0, 256)
        self.bank.landmarks.uniform_(0, 127)
        self.bank.visible.fill_(1)


@dataclass(frozen=True, eq=False)
class Case:
    """A network.

    Attributes:
        name: Of its folder.
        decoder: Config of the codec.
        head: What the head's config has besides.
        estimator: Type of the pose estimator.
        use_udp: Whether the crops are MMPose's for UDP.
        backbone: Config of the backbone.
        graph: Arguments of the `GraphRefinementHead` round the head, None without.
    """

    name: str
    decoder: dict[str, Any]
    head: dict[str, Any] = field(default_factory=lambda: dict(type='HeatmapHead'))
    estimator: str = 'MultilaterationPoseEstimator'
    use_udp: bool = False
    backbone: dict[str, Any] = field(default_factory=lambda: dict(type='FaceReader'))
    graph: Optional[dict[str, Any]] = None

    def __str__(self) -> str:
        return self.name

    @property
    def is_ours(self) -> bool:
        """Whether the pose estimator is this package's."""
        return self.estimator == 'MultilaterationPoseEstimator'

    @property
    def flip_modes(self) -> tuple[str, ...]:
        """Those that the estimator knows."""
        return ('heatmap', 'coordinates') if self.is_ours else ('heatmap',)

    @property
    def is_exported(self) -> bool:
        """Whether the decoder is this package's."""
        return self.decoder['type'] not in ('MSRAHeatmap', 'UDPHeatmap')

    @property
    def puts_out_covariances(self) -> bool:
        """Whether `mim test` can."""
        return self.is_ours and self.decoder['type'] in ('KeyPosS', 'POPoS', 'GaussianMLE')


MOVED = dict(type='PooledOffsetHead')
COORDINATE_LOSS = dict(type='MultilaterationHead', coordinate_loss=LOSS_OF_COORDINATES)
STOCK = dict(estimator='TopdownPoseEstimator')
GUIDED = dict(
    head=dict(
        type='SteadyReferenceHead',
        scheme='ibug',
        preprocessor=dict(type='PoseDataPreprocessor', mean=[128] * 3, std=[64] * 3),
        network=dict(image_size=(64, 64), heatmap_size=HEATMAP_SIZE, channels=(LANDMARKS,)),
        boundaries=dict(
            type='BoundaryHeatmap', input_size=INPUT_SIZE, heatmap_size=HEATMAP_SIZE, scheme='ibug'
        ),
    ),
    backbone=dict(type='BackboneWithImage', image_size=(64, 64), backbone=dict(type='FaceReader')),
)

CASES = [
    Case('heatmap-msra', dict(SIZES, type='KeyPosS')),
    Case('heatmap-udp', dict(SIZES, type='KeyPosS', alignment='udp'), **STOCK),
    Case('multilateration-msra', dict(SIZES, type='POPoS'), COORDINATE_LOSS),
    Case('multilateration-udp', dict(SIZES, type='POPoS', alignment='udp'), COORDINATE_LOSS),
    Case('stock-msra', dict(SIZES, type='MSRAHeatmap'), **STOCK),
    Case('stock-udp', dict(SIZES, type='UDPHeatmap'), **STOCK, use_udp=True),
    Case('stock-codec-msra', dict(SIZES, type='MSRAHeatmap')),
    Case('stock-codec-udp', dict(SIZES, type='UDPHeatmap'), use_udp=True),
    Case('vectors-msra', VECTORS, dict(type='GaussianVectorHead')),
    Case('vectors-udp', dict(VECTORS, alignment='udp'), dict(type='GaussianVectorHead')),
    Case('moved-msra', dict(SIZES, type='GaussianMLE'), MOVED),
    Case('moved-udp', dict(SIZES, type='GaussianMLE', alignment='udp'), MOVED),
    Case('graph-msra', dict(SIZES, type='GaussianMLE'), graph=dict(confidence='covariance')),
    Case('graph-udp', dict(SIZES, type='KeyPosS', alignment='udp'), graph={}),
    Case('graph-stock-codec', dict(SIZES, type='MSRAHeatmap'), graph=dict(predict='coordinates')),
    Case('reference', dict(SIZES, type='GaussianMLE'), **GUIDED),
    Case('reference-stock', dict(SIZES, type='MSRAHeatmap'), **GUIDED, **STOCK),
]


def write_faces(folder: Path) -> Path:
    """Write a few synthetic faces in the files of 300W; returns their folder."""
    write_data_sets(['300w'], str(folder), Request(train=1, test=FACES, size=128))
    return folder / '300w'


def write_network(case: Case, faces: Path, folder: Path) -> tuple[Path, Path]:
    """Write the config and the checkpoint of a network with weights that chance gave.

    Args:
        case: The network.
        faces: Folder of `write_faces`.
        folder: Where to write; it exists.

    Returns:
        Config, without flip test, and checkpoint.
    """
    config = Config.fromfile(BASE)
    head = dict(
        in_channels=LANDMARKS,
        out_channels=LANDMARKS,
        decoder=case.decoder,
        **({} if case.backbone['type'] == 'BackboneWithImage' else NO_LAYERS),
        **case.head,
    )
    if case.graph is not None:
        head = dict(type='GraphRefinementHead', base_head=head, **case.graph)
    config.model = dict(
        type=case.estimator,
        data_preprocessor=config.model.data_preprocessor,
        backbone=case.backbone,
        head=head,
        test_cfg=dict(flip_test=False, shift_heatmap=case.decoder.get('alignment') != 'udp'),
    )
    loader = config.test_dataloader
    loader.update(batch_size=FACES, num_workers=0, persistent_workers=False)
    loader.dataset.update(data_root=f'{faces}/', serialize_data=False)  # which takes long
    (affine,) = (each for each in loader.dataset.pipeline if each['type'] == 'TopdownAffine')
    affine.update(input_size=INPUT_SIZE, use_udp=case.use_udp)
    path, checkpoint = folder / f'{case.name}.py', folder / f'{case.name}.pth'
    config.dump(path)
    init_default_scope('mmpose')
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    model.init_weights()
    if case.graph is not None:
        for weight in model.head.graph.parameters():
            torch.nn.init.normal_(weight, std=0.2)
    torch.save(dict(state_dict=model.state_dict()), checkpoint)
    return path, checkpoint
