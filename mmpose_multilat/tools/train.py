"""MMPose's training tool: with it `mim train mmpose_multilat NAME.py` finds configs by name."""

import runpy
from pathlib import Path

import mmpose

if __name__ == '__main__':
    tool = Path(mmpose.__file__).parent / '.mim' / 'tools' / 'train.py'
    runpy.run_path(str(tool), run_name='__main__')
