"""The command of the study; see `definition`."""

import sys

from projects.study.main import main

from .definition import FRONTIER

if __name__ == '__main__':
    sys.exit(main(FRONTIER))
