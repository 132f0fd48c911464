"""What all tests share."""

import warnings

import pytest
import torch
from mmengine.registry import init_default_scope


@pytest.fixture(autouse=True)
def mmpose_scope():
    """Look names up in MMPose's registries, whatever an earlier test's runner has left behind."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # about the scope that is replaced
        init_default_scope('mmpose')


@pytest.fixture
def one_thread():
    """Two threads with tiny networks wait for each other most of the time on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope='module')
def quick_times():
    """Times are measured, but not long enough to be good ones."""
    from mmpose_multilat.analysis import timing

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timing, 'SECONDS', 0)
        patch.setattr(timing, 'LONGEST_SECONDS', 0.001)
        yield


@pytest.fixture(scope='session')
def drawn_faces(tmp_path_factory):
    """Folder of a dataset of drawn faces, see `reference_samples`; not to be changed."""
    from reference_samples import write_faces

    return write_faces(tmp_path_factory.mktemp('faces'))


@pytest.fixture(scope='session')
def exported_networks(tmp_path_factory):
    """Folder of a tiny network in two files, with and without covariances, and its graph."""
    for name in ('onnx', 'onnxscript', 'onnxruntime'):
        pytest.importorskip(name)
    from tiny_networks import export_twice

    init_default_scope('mmpose')
    folder = tmp_path_factory.mktemp('exported')
    return folder, export_twice(folder)
