import logging
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.dataset import RepeatDataset
from mmpose.datasets.datasets import AFLWDataset
from mmpose.registry import HOOKS
from reference_networks import LANDMARKS, NETWORK, build_estimator
from torch.utils.data import DataLoader

from mmpose_multilat.datasets import ReferenceFaces
from mmpose_multilat.datasets.synthetic import Request, write_data_sets
from mmpose_multilat.engine.hooks.reference_bank_hook import choose_faces

FACES = 6


@pytest.fixture(scope='module')
def data_root(tmp_path_factory):
    folder = tmp_path_factory.mktemp('faces')
    write_data_sets(['aflw'], str(folder), Request(train=FACES, test=1, size=64))
    return f'{folder}/aflw/'


def read_faces(data_root, **pipeline):
    return AFLWDataset(
        ann_file='annotations/face_landmarks_aflw_train.json',
        data_root=data_root,
        data_prefix=dict(img='images/'),
        pipeline=[dict(type='AddReference', **pipeline)] if pipeline else [],
    )


@pytest.fixture
def dataset(data_root):
    return read_faces(data_root, reference='random')


def runner(model, dataset):
    loader = DataLoader(dataset)
    return SimpleNamespace(
        model=model,
        train_dataloader=loader,
        val_dataloader=loader,
        val_loop=object(),
        test_dataloader=loader,
        logger=logging.getLogger('test'),
    )


def empty_estimator(**changes):
    estimator = build_estimator(**changes)
    for name in ('images', 'landmarks', 'visible'):
        getattr(estimator.head.bank, name).zero_()
    return estimator


def hook(**settings):
    return HOOKS.build(dict(type='ReferenceBankHook', **settings))


def test_bank_is_filled_with_training_faces_the_neutral_one_first(dataset):
    estimator = empty_estimator()
    hook().before_train(runner(estimator, dataset))
    faces, bank = ReferenceFaces(dataset), estimator.head.bank
    chosen = choose_faces(faces, 0)
    assert chosen[0] == faces.neutral() and sorted(chosen) == list(range(FACES))
    for number, index in enumerate(chosen):
        np.testing.assert_array_equal(bank.images[number], faces[index].image)
        np.testing.assert_array_equal(bank.landmarks[number], faces[index].landmarks)
    assert bank.is_filled and torch.equal(bank.visible, torch.ones(16, LANDMARKS))


def test_seed_draws_the_others(dataset):
    faces = ReferenceFaces(dataset)
    drawn = [choose_faces(faces, seed) for seed in range(6)]
    assert drawn == [choose_faces(faces, seed) for seed in range(6)]
    assert len({tuple(each[1:]) for each in drawn}) > 1 and len({each[0] for each in drawn}) == 1


def test_faces_without_a_neutral_one_are_drawn(dataset, monkeypatch):
    def refuse(self):
        raise ValueError('no face has labels for all landmarks')

    monkeypatch.setattr(ReferenceFaces, 'neutral', refuse)
    assert sorted(choose_faces(ReferenceFaces(dataset), 0)) == list(range(FACES))


def test_wrapped_data_sets_are_looked_through(dataset):
    estimator = empty_estimator()
    hook().before_train(runner(estimator, RepeatDataset(dataset, 2)))
    assert estimator.head.bank.is_filled


def test_a_full_bank_stays_as_it_is(dataset):
    estimator = build_estimator()
    before = estimator.head.bank.images.clone()
    hook().before_train(runner(estimator, dataset))
    assert torch.equal(estimator.head.bank.images, before)


def test_padding_is_that_of_the_pipeline(data_root):
    banks = []
    for padding in (1.25, 1.6):
        estimator = empty_estimator()
        hook().before_train(runner(estimator, read_faces(data_root, padding=padding)))
        banks.append(estimator.head.bank.landmarks)
    widths = [bank[0, :, 0].max() - bank[0, :, 0].min() for bank in banks]
    assert float(widths[0] / widths[1]) == pytest.approx(1.6 / 1.25, rel=1e-4)


@pytest.mark.parametrize('stage', ['before_val', 'before_test'])
def test_testing_without_any_reference_is_refused(stage, dataset, data_root):
    plain = read_faces(data_root)
    with pytest.raises(ValueError, match='neither the samples nor the checkpoint'):
        getattr(hook(), stage)(runner(empty_estimator(), plain))
    getattr(hook(), stage)(runner(empty_estimator(), dataset))
    getattr(hook(), stage)(runner(build_estimator(), plain))


def test_networks_that_look_at_no_reference_need_none(data_root):
    plain = read_faces(data_root)
    parts = dict(NETWORK, soft=False, hard=False)
    for changes in (dict(reference='blank'), dict(network=parts)):
        estimator = empty_estimator(**changes)
        hook().before_train(runner(estimator, plain))
        hook().before_test(runner(estimator, plain))
        assert not estimator.head.bank.is_filled
    hook().before_test(runner(torch.nn.Linear(1, 1), plain))


@pytest.mark.parametrize('stage', ['before_train', 'before_test'])
def test_a_missing_index_stops_a_run_at_once(stage, data_root):
    correlated = read_faces(data_root, reference='correlated')
    with pytest.raises(ValueError, match='index_references'):
        getattr(hook(), stage)(runner(build_estimator(), correlated))


def test_a_run_without_validation(dataset):
    run = runner(empty_estimator(), dataset)
    run.val_loop = None
    del run.val_dataloader
    hook().before_train(run)
    assert run.model.head.bank.is_filled


def test_refused():
    with pytest.raises(ValueError, match='seed=-1'):
        hook(seed=-1)
