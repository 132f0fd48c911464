"""MMPose works on top of the stand-ins, whoever imports it first.

`mim train mmpose`, `mim test mmpose` and the tools are started in tests/test_end_to_end.py; a stock
config with `custom_imports` is built after MMPose in tests/test_decoder_swap.py. Here a user's own
script imports the inferencer before this package, which only the config names.
"""

import subprocess
import sys
from pathlib import Path

CONFIG = """
_base_ = 'mmpose::face_2d_keypoint/topdown_heatmap/wflw/td-hm_hrnetv2-w18_8xb64-60e_wflw-256x256.py'
custom_imports = dict(imports=['mmpose_multilat'])
model = dict(backbone=dict(init_cfg=None), head=dict(decoder=dict(type='POPoS')))
"""

SCRIPT = """
import sys
from mmpose.apis import MMPoseInferencer, init_model
import numpy as np, torch
assert 'mmpose_multilat' not in sys.modules
model = init_model('config.py', device='cpu')
torch.save(dict(state_dict=model.state_dict(), meta={}), 'checkpoint.pth')
inferencer = MMPoseInferencer('config.py', 'checkpoint.pth', det_model='whole_image', device='cpu')
(result,) = inferencer(np.zeros((256, 256, 3), np.uint8), show_progress=False)
(face,) = result['predictions'][0]
decoder = inferencer.inferencer.model.head.decoder
print(type(decoder).__module__, len(face['keypoints']))
"""


def test_a_script_imports_the_inferencer_first(tmp_path: Path) -> None:
    (tmp_path / 'config.py').write_text(CONFIG, encoding='utf-8')
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', SCRIPT],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == 'mmpose_multilat.codecs.popos 98'
