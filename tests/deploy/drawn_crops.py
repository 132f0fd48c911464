"""Graphs whose landmarks are known beforehand, without a trained network."""

import torch
from mmpose.models.heads import HeatmapHead
from torch import nn

from mmpose_multilat.codecs import GaussianVector, KeyPosS
from mmpose_multilat.deploy import LandmarkGraph, ModelDescription
from mmpose_multilat.models.heads import GaussianVectorHead
from mmpose_multilat.multilateration import encode_gaussian

PITCH = 32
INPUT_SIZE, HEATMAP_SIZE = (256, 256), (8, 8)
LANDMARKS = 3


class CellSampler(nn.Module):
    """The pixels at the cells' centres are the heatmap: what is drawn in a crop can be decoded.

    Takes the place of a pose estimator.
    """

    def __init__(self, head):
        super().__init__()
        self.head = head
        self.test_cfg = dict(flip_mode='coordinates')

    def extract_feat(self, crops):
        return (crops[..., ::PITCH, ::PITCH],)


def make_head(codec, kind=HeatmapHead, **settings):
    """A head that hands its features on to a codec, without a layer."""
    head = kind(LANDMARKS, LANDMARKS, deconv_out_channels=None, final_layer=None, **settings)
    head.decoder = codec
    return head


def make_estimator(codec=None, kind=CellSampler):
    """Pixels at the cells' centres, and MMPose's head or, for vectors, that of this package."""
    codec = codec or KeyPosS(INPUT_SIZE, HEATMAP_SIZE)
    if isinstance(codec, GaussianVector):
        # Each column and row of a Gaussian has the same form: pooling keeps its place.
        return kind(make_head(codec, GaussianVectorHead, band_pooling=dict(bandwidths=[1])))
    return kind(make_head(codec))


def draw_crops(landmarks):
    """(B, 3, 2) landmarks in px to (B, 3, h, w) crops with one Gaussian in each channel."""
    return encode_gaussian(landmarks, INPUT_SIZE, 2.0 * PITCH)


def random_landmarks(faces, seed=0):
    """(faces, 3, 2) landmarks (x, y) in px, three cells from the border."""
    place = torch.rand(faces, LANDMARKS, 2, generator=torch.Generator().manual_seed(seed))
    return PITCH * (3 + place)


def make_graph(codec=None, partners=None):
    return LandmarkGraph(make_estimator(codec), flip_indices=partners).eval()


def make_description(**changes):
    """Metadata of `make_graph`'s graphs, with changes."""
    settings = dict(
        input_size=INPUT_SIZE,
        input_type='float32',
        channel_order='RGB',
        mean=(0.0, 0.0, 0.0),
        std=(255.0, 255.0, 255.0),
        heatmap_size=HEATMAP_SIZE,
        landmarks=LANDMARKS,
        flip_pairs=((0, 1),),
        flip_test=False,
        codec=dict(type='KeyPosS'),
        dataset='three points',
    )
    return ModelDescription(**{**settings, **changes})
