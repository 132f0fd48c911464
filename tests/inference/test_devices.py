import pytest
import torch

from mmpose_multilat.errors import UserError
from mmpose_multilat.inference.devices import choose_device


def test_devices():
    assert choose_device('cpu') == 'cpu'
    expected = 'cuda:0' if torch.cuda.is_available() else 'cpu'
    assert choose_device('') == choose_device(None) == expected


@pytest.mark.parametrize('name', ['cuda:99', 'nonsense'])
def test_devices_that_are_not_there_are_explained(name):
    with pytest.raises(UserError, match=f"`device` {name}: .*; use 'cpu' or 'cuda:0'"):
        choose_device(name)


@pytest.mark.parametrize('name', ['meta', 'vulkan', 'hpu'])
def test_devices_that_cannot_compute_are_explained_in_a_sentence(name):
    with pytest.raises(UserError, match=f'`device` {name}: ') as caught:
        choose_device(name)
    assert len(str(caught.value)) < 200
