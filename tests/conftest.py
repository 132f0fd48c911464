"""What all tests share."""

import warnings

import pytest
from mmengine.registry import init_default_scope


@pytest.fixture(autouse=True)
def mmpose_scope():
    """Look names up in MMPose's registries, whatever an earlier test's runner has left behind."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # about the scope that is replaced
        init_default_scope('mmpose')
