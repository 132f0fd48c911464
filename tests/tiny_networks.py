"""A network of one layer with five landmarks, which is exported in seconds."""

from dataclasses import replace

import torch
from mmpose.registry import MODELS


@MODELS.register_module()
class TinyNetwork(torch.nn.Module):
    """Heatmaps straight from the image."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layer = torch.nn.Conv2d(3, 5, 8, stride=8)

    def forward(self, crops):
        return (self.layer(crops / 255),)


TINY = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(
        type='PoseDataPreprocessor', mean=[9.0, 8, 7], std=[1.0, 1, 1], bgr_to_rgb=True
    ),
    backbone=dict(type='TinyNetwork'),
    head=dict(
        type='HeatmapHead',
        in_channels=5,
        out_channels=5,
        deconv_out_channels=None,
        final_layer=None,
        decoder=dict(type='KeyPosS', input_size=(64, 64), heatmap_size=(8, 8)),
    ),
)


def tiny_estimator():
    return MODELS.build(TINY).eval()


def export_twice(folder):
    """Write `with.onnx` and `without.onnx`, with and without covariances; returns the graph."""
    from mmpose_multilat.deploy import build_graph, export_onnx

    graph, description = build_graph(tiny_estimator(), raw=True)
    model = export_onnx(graph, replace(description, bbox_padding=1.5))
    (folder / 'with.onnx').write_bytes(model.SerializeToString())
    (covariances,) = (each for each in model.graph.output if each.name == 'covariances')
    model.graph.output.remove(covariances)
    (folder / 'without.onnx').write_bytes(model.SerializeToString())
    return graph
