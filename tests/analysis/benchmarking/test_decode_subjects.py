import torch
from registered_decoders import registered_decoders

from mmpose_multilat.analysis.benchmarking.decode_subjects import (
    FLOORS,
    REFERENCE,
    decode_subjects,
    encode_subjects,
    make_heatmaps,
    our_decoders,
)


def test_heatmaps_are_noisy_gaussians_and_always_the_same():
    heatmaps = make_heatmaps(2, 5, 16, 'cpu')
    assert heatmaps.shape == (2, 5, 16, 16) and heatmaps.dtype == torch.float32
    assert torch.equal(heatmaps, make_heatmaps(2, 5, 16, 'cpu'))
    assert (heatmaps.amax((-2, -1)) > 0.6).all() and heatmaps.median().abs() < 0.1
    assert len(heatmaps.unique()) > 2000


def test_every_decoder_takes_part_popos_with_each_solver():
    decoders = our_decoders(8)
    assert {type(each) for each in decoders.values()} == set(registered_decoders())
    solvers = {name for name in decoders if name.startswith('POPoS')}
    assert solvers == {'POPoS grid', 'POPoS exact', 'POPoS gauss_newton'}


def test_all_subjects_work():
    subjects = decode_subjects(make_heatmaps(2, 3, 8, 'cpu'))
    kinds = [each.kind for each in subjects]
    assert kinds.count('floor') == len(FLOORS) and kinds.count('stock') == 2
    assert REFERENCE in [each.label for each in subjects]
    for subject in subjects:
        subject.work()


def test_encoding_pairs_ours_with_theirs():
    subjects = encode_subjects(4, 8)
    assert [(each.kind, each.label) for each in subjects] == [
        ('ours', 'biased'),
        ('ours', 'unbiased'),
        ('stock', 'biased'),
        ('stock', 'unbiased'),
    ]
    shapes = {each.work()['heatmaps'].shape for each in subjects}
    assert shapes == {(4, 8, 8)}
    ours, theirs = subjects[1].work()['heatmaps'], subjects[3].work()['heatmaps']
    assert abs(ours - theirs).max() < 1e-5
