import torch

from mmpose_multilat.multilateration import without_autocast


def test_matrix_products_keep_their_precision():
    factor = torch.full((2, 2), 1 / 3)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        assert (factor @ factor).dtype == torch.bfloat16
        with without_autocast(factor):
            assert (factor @ factor).dtype == torch.float32
        assert (factor @ factor).dtype == torch.bfloat16


def test_devices_that_know_no_autocast():
    with without_autocast(torch.empty(1, device='meta')):
        pass
