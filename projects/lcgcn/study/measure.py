"""Test a network on faces as they are, and with occluders that are the same for every network.

Errors are taken in px of the crops, without flip test, and divided by the distance of the outer eye
corners.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from typing import Any, Optional

import numpy as np
import torch
from mmengine.config import Config
from mmpose.apis import init_model
from mmpose.datasets.transforms import PackPoseInputs

from mmpose_multilat.evaluation.curves import area_under_curve, failure_rate
from mmpose_multilat.landmarks import SCHEMES
from mmpose_multilat.models.pose_estimators import locate
from mmpose_multilat.tools.benchmarking.loading import build_loader, load_config
from mmpose_multilat.tools.command_line import run_tool
from projects.lcgcn.occluders import HIDDEN
from projects.study.decode import build_parser

EYES = [corner for (corner,) in SCHEMES['ibug'].eyes]
"""Outer eye corners of the 68 landmarks."""

THRESHOLD = 0.10


def measure(arguments: argparse.Namespace) -> None:
    """Run the network twice over the faces, write the errors."""
    begun = time.monotonic()
    config = load_config(arguments.config, {})
    device = 'cuda:0' if torch.cuda.is_available() else 'cpu'
    model = init_model(config, str(arguments.checkpoint), device=device)
    plain, _ = errors_of(model, with_transforms(config))
    occluded, hidden = errors_of(model, with_transforms(config, dict(type='OccludeFace')))
    measured = dict(
        faces=len(plain),
        landmarks=plain.shape[1],
        device=torch.cuda.get_device_name(device) if 'cuda' in device else 'CPU',
        threads=torch.get_num_threads(),
        decode_seconds=round(time.monotonic() - begun, 1),
        nme=dict(
            plain=plain.mean(),
            occluded=occluded.mean(),
            hidden=occluded[hidden].mean(),
            visible=occluded[~hidden].mean(),
        ),
        plain=rates(plain),
        occluded=rates(occluded),
    )
    arguments.out.write_text(json.dumps(measured))


def with_transforms(config: Config, *transforms: dict[str, Any]) -> Config:
    """A config whose test pipeline has further transforms, and packs what `errors_of` reads."""
    config = config.copy()
    pipeline = list(config.test_dataloader.dataset.pipeline)
    keys = (*PackPoseInputs.__init__.__defaults__[0], *([HIDDEN] if transforms else ()))
    pack = dict(type='PackPoseInputs', pack_transformed=True, meta_keys=keys)
    config.test_dataloader.dataset.pipeline = [*pipeline[:-1], *transforms, pack]
    return config


@torch.no_grad()
def errors_of(model: Any, config: Config) -> tuple[np.ndarray, np.ndarray]:
    """Find the landmarks of all faces.

    Returns:
        (N, K) distances from the labels as fractions of that of the eye corners, and (N, K) whether
        an occluder lies over a landmark.
    """
    errors, hidden = [], []
    for batch in build_loader(config):
        given = model.data_preprocessor(batch, training=False)
        found = locate(model, given['inputs']).coordinates.cpu().numpy()
        samples = given['data_samples']
        true = np.concatenate([each.gt_instances.transformed_keypoints for each in samples])
        eyes = np.linalg.norm(true[:, EYES[0]] - true[:, EYES[1]], axis=-1)
        errors.append(np.linalg.norm(found - true, axis=-1) / eyes[:, None])
        nothing = np.zeros(true.shape[1], bool)
        hidden += [each.metainfo.get(HIDDEN, nothing) for each in samples]
    return np.concatenate(errors).astype(float), np.stack(hidden)


def rates(errors: np.ndarray) -> dict[str, float]:
    """Failure rate and area under the curve of (N, K) errors."""
    faces = errors.mean(1)
    return dict(
        failure_rate=failure_rate(faces, THRESHOLD), area=area_under_curve(faces, THRESHOLD)
    )


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(measure, build_parser(__doc__), arguments)


if __name__ == '__main__':
    sys.exit(main())
