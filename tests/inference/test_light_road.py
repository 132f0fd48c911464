"""An exported network finds faces where nothing of MMPose's stack can be imported."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np

from mmpose_multilat.datasets.synthetic import generate
from mmpose_multilat.inference import FaceLandmarker, whole_image
from mmpose_multilat.inference.lines import LINES

ROOT = Path(__file__).parents[2]

SCRIPT = """
import runpy, sys

HEAVY = {'torch', 'torchvision', 'mmpose', 'mmengine', 'mmcv', 'mmdet', 'matplotlib', 'PIL',
         'scipy', 'xtcocotools', 'pycocotools'}

class Forbidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in HEAVY:
            raise AssertionError(f'{name} is imported')

sys.meta_path.insert(0, Forbidden())
model, image, out = sys.argv[1:]

import cv2
from mmpose_multilat.inference import FaceLandmarker, whole_image
landmarker = FaceLandmarker(model, detector=whole_image, covariances=True)
(face,) = landmarker(cv2.imread(image))
assert landmarker.draw(cv2.imread(image), [face]).shape == (160, 160, 3)
print(face.landmarks.tolist())

sys.argv = ['predict', image, '--model', model, '--out', out, '--draw', '--smooth']
sys.argv += ['--box', 'whole', '--covariances']
runpy.run_module('mmpose_multilat.tools.predict', run_name='__main__', alter_sys=True)
"""


def test_an_exported_network_needs_none_of_the_stack(exported_networks, tmp_path):
    model, image = exported_networks[0] / 'with.onnx', tmp_path / 'a.png'
    cv2.imwrite(str(image), generate(0, 3, 'test', 160).image)
    words = [str(model), str(image), str(tmp_path / 'out')]
    done = subprocess.run(
        [sys.executable, '-c', SCRIPT, *words], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (expected,) = FaceLandmarker(model, detector=whole_image)(image)
    np.testing.assert_array_equal(json.loads(done.stdout.splitlines()[0]), expected.landmarks)
    (face,) = json.loads((tmp_path / 'out' / LINES).read_text('utf-8'))['faces']
    np.testing.assert_allclose(face['keypoints'], expected.landmarks, atol=1e-3)
    assert np.shape(face['covariances']) == (5, 2, 2)
    assert (tmp_path / 'out' / 'drawn' / 'a.png').is_file()
