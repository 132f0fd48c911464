"""How far landmarks of a file that cuts its crops itself are from those of OpenCV's crops.

Both files hold the same network: one was exported with --raw, the other with --from-image.

    python -m projects.benchmarks.image_crops RAW.onnx IMAGE.onnx ANNOTATIONS.json IMAGES
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

import cv2
import numpy as np
from mmengine.utils import track_iter_progress

from mmpose_multilat.deploy import OnnxModel
from mmpose_multilat.inference import FaceLandmarker
from mmpose_multilat.tools.command_line import run_tool


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = argparse.ArgumentParser(
        prog='python -m projects.benchmarks.image_crops',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add('raw', type=Path, help='file that was exported with --raw')
    add('image', type=Path, help='file that was exported with --from-image')
    add('annotations', type=Path, help='boxes of faces, in the style of COCO')
    add('images', type=Path, help='folder of the images')
    return parser


def compare(arguments: argparse.Namespace) -> None:
    """Print the distances."""
    landmarker, model = FaceLandmarker(arguments.raw), OnnxModel(arguments.image)
    content = json.loads(arguments.annotations.read_text(encoding='utf-8'))
    names = {each['id']: each['file_name'] for each in content['images']}
    distances = []
    for face in track_iter_progress(content['annotations']):
        image = cv2.imread(str(arguments.images / names[face['image_id']]))
        (expected,) = landmarker(image, [face['bbox']])
        found = model.locate(image, np.array([face['bbox']]))['keypoints'][0]
        distances.append(np.linalg.norm(found - expected.landmarks, axis=-1))
    distances = np.stack(distances)
    print(
        f'{len(distances)} faces, {distances.size} landmarks: mean {distances.mean():.4f} px, '
        f'99 % below {np.quantile(distances, 0.99):.3f} px, largest {distances.max():.3f} px'
    )


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(compare, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())
