"""Test a network on faces as they are, and with occluders that are the same for every network.

Errors are taken in px of the crops, without flip test, and divided by the distance of the outer eye
corners.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from typing import Optional

import numpy as np
import torch
from mmpose.apis import init_model

from mmpose_multilat.analysis.loading import load_config
from mmpose_multilat.evaluation.curves import area_under_curve, failure_rate
from mmpose_multilat.tools.command_line import run_tool
from projects.lcgcn.faces import errors_of, faces_of, with_transforms
from projects.study.decode import build_parser

THRESHOLD = 0.10


def measure(arguments: argparse.Namespace) -> None:
    """Run the network twice over the faces, write the errors."""
    begun = time.monotonic()
    config = load_config(arguments.config, {})
    device = 'cuda:0' if torch.cuda.is_available() else 'cpu'
    model = init_model(config, str(arguments.checkpoint), device=device)
    plain = errors_of(faces_of(model, with_transforms(config)))
    faces = faces_of(model, with_transforms(config, dict(type='OccludeFace')))
    occluded, hidden = errors_of(faces), faces.hidden
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
