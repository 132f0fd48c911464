from typing import NamedTuple

import pytest
import torch
from mmengine.runner.checkpoint import get_state_dict, load_state_dict

from mmpose_multilat.models.layers import BANK_SIZE, ReferenceBank

LANDMARKS = 5


class Face(NamedTuple):
    image: torch.Tensor
    landmarks: torch.Tensor
    visible: torch.Tensor


def faces(count, landmarks=LANDMARKS):
    return [
        Face(
            torch.full((3, 128, 128), number, dtype=torch.uint8),
            torch.full((landmarks, 2), float(number)),
            torch.ones(landmarks),
        )
        for number in range(count)
    ]


def filled(count=BANK_SIZE, scheme='ibug', seed=0):
    bank = ReferenceBank(LANDMARKS, scheme, seed)
    bank.fill(faces(count))
    return bank


def numbers(references):
    found = references.landmarks[:, 0, 0]
    assert torch.equal(references.images[:, 0, 0, 0].float(), found)
    return found.tolist()


def test_neutral_face_is_the_first_and_all_are_offered_for_comparison():
    bank = filled()
    assert numbers(bank.chosen('neutral')) == [0]
    assert numbers(bank.chosen('correlated')) == list(range(BANK_SIZE))


def test_random_face_is_drawn_by_the_seed():
    drawn = [numbers(filled(seed=seed).chosen('random')) for seed in range(20)]
    assert drawn == [numbers(filled(seed=seed).chosen('random')) for seed in range(20)]
    assert len({tuple(each) for each in drawn}) > 5


def test_few_faces_are_repeated():
    assert numbers(filled(3).chosen('correlated')) == [number % 3 for number in range(BANK_SIZE)]


def test_an_empty_bank_is_known():
    assert not ReferenceBank(LANDMARKS, 'ibug').is_filled
    assert filled(1).is_filled


def test_faces_travel_with_a_checkpoint_of_mmengine():
    bank = ReferenceBank(LANDMARKS, 'ibug')
    load_state_dict(bank, get_state_dict(filled()), strict=True)
    assert numbers(bank.chosen('all')) == list(range(BANK_SIZE)) and bank.is_filled


@pytest.mark.parametrize('gpus', [2, 8, 64])
def test_faces_survive_the_mean_over_several_gpus(gpus):
    """As `SyncBuffersHook` takes it: the sum of equal buffers in their dtype, divided."""
    bank = filled()
    bank.images.random_(0, 256)
    bank.landmarks.uniform_(0, 127)
    for buffer in bank.buffers():
        total = torch.stack([buffer] * gpus).sum(0, dtype=buffer.dtype)
        torch.testing.assert_close(torch.true_divide(total, gpus).to(buffer.dtype), buffer)


def test_faces_of_another_scheme_are_refused_even_if_their_number_agrees():
    weights = get_state_dict(filled(scheme='lapa'))
    with pytest.raises(
        ValueError, match="scheme 'lapa', the head is for 'ibug'.*prefix='backbone.backbone.'"
    ):
        load_state_dict(ReferenceBank(LANDMARKS, 'ibug'), weights, strict=False)


def test_weights_without_a_bank_can_be_loaded():
    load_state_dict(ReferenceBank(LANDMARKS, 'ibug'), {}, strict=False)


@pytest.mark.parametrize('scheme', ['', 'x' * 33, None])
def test_names_that_do_not_fit_are_refused(scheme):
    with pytest.raises(ValueError, match='at most 32 bytes'):
        ReferenceBank(LANDMARKS, scheme)


def test_faces_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="landmarks .* must be .5, 2., got .4, 2.*scheme 'ibug'"):
        ReferenceBank(LANDMARKS, 'ibug').fill(faces(2, landmarks=4))
    with pytest.raises(ValueError, match='at least one face'):
        ReferenceBank(LANDMARKS, 'ibug').fill([])
