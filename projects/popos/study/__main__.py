"""See `definition.DESCRIPTION`."""

import sys

from projects.study.main import main

from .definition import LOSSES

if __name__ == '__main__':
    sys.exit(main(LOSSES))
