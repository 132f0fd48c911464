"""Reference faces of samples: which, never the target, flipped with it, packed, and refusals."""

import numpy as np
import pytest
import torch
from mmcv.transforms.utils import cache_random_params
from mmengine.runner import Runner
from mmpose.registry import DATASETS, TRANSFORMS
from reference_samples import TEST, TRAIN, dataset_of, settings_of

import mmpose_multilat  # noqa: F401
from mmpose_multilat.datasets import AddReference, ReferenceFaces
from mmpose_multilat.datasets.references import build_index, flipped, index_path
from mmpose_multilat.landmarks import scheme_of

CROP = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=(64, 64)),
]
TARGET = dict(
    type='GenerateTarget', encoder=dict(type='KeyPosS', input_size=(64, 64), heatmap_size=(8, 8))
)
PACK = dict(type='PackPoseInputs')


@pytest.fixture(autouse=True)
def seed():
    np.random.seed(0)


@pytest.fixture(scope='module')
def faces(drawn_faces):
    return ReferenceFaces(dataset_of(drawn_faces))


def info(dataset, index):
    """A sample as the pipeline is given it."""
    return {**dataset.get_data_info(index), 'dataset': dataset}


def number_of(results, faces):
    """Which face the reference is."""
    same = [i for i in range(TRAIN) if (faces[i].image == results['reference_image'][0]).all()]
    assert len(same) == 1
    return same[0]


def test_training_packs_a_face_beside_the_labels(drawn_faces, faces):
    pipeline = [*CROP, TARGET, dict(type='AddReference'), PACK]
    dataset = DATASETS.build(settings_of(drawn_faces, pipeline=pipeline))
    labels = dataset[3]['data_samples'].gt_instance_labels
    assert {'keypoint_weights', 'keypoint_labels'} <= set(labels.keys())
    assert labels.reference_image.shape == (1, 3, 128, 128)
    assert labels.reference_image.dtype == torch.uint8
    number = number_of(dict(reference_image=labels.reference_image.numpy()), faces)
    assert number != 3
    torch.testing.assert_close(
        labels.reference_landmarks[0], torch.from_numpy(faces[number].landmarks)
    )
    assert labels.reference_visible.tolist() == [[1.0] * 68]


def test_testing_packs_it_without_labels_of_the_target(drawn_faces):
    reference = dict(type='AddReference', reference='neutral', dataset=settings_of(drawn_faces))
    settings = settings_of(drawn_faces, 'valid', test_mode=True, pipeline=[*CROP, reference, PACK])
    sample = DATASETS.build(settings)[0]['data_samples']
    assert set(sample.gt_instance_labels.keys()) == {
        *('reference_image', 'reference_landmarks', 'reference_visible')
    }


def test_a_random_face_is_any_but_the_target(faces):
    transform = AddReference(size=(8, 8))
    small = ReferenceFaces(faces.dataset, (8, 8))
    numbers = {small[i].landmarks.tobytes(): i for i in range(TRAIN)}
    found = [transform(info(faces.dataset, 5)) for _ in range(600)]
    seen = [numbers[each['reference_landmarks'].tobytes()] for each in found]
    assert set(seen) == set(range(TRAIN)) - {5}
    assert np.bincount(seen).max() < 50


def test_the_seed_of_numpy_decides_in_training(faces):
    """MMEngine seeds it in every worker."""
    chosen = []
    for number in (7, 7, 8):
        np.random.seed(number)
        results = [AddReference()(info(faces.dataset, index)) for index in range(3)]
        chosen.append([number_of(each, faces) for each in results])
    assert chosen[0] == chosen[1] != chosen[2]


def drawn_by_two_workers(folder, seed):
    """Landmarks of the references of all faces, in two processes that take turns."""
    pipeline = [*CROP, dict(type='AddReference', size=(8, 8)), PACK]
    loader = Runner.build_dataloader(
        dict(
            batch_size=1,
            num_workers=2,
            dataset=settings_of(folder, pipeline=pipeline),
            sampler=dict(type='DefaultSampler', shuffle=False),
        ),
        seed=seed,
    )
    samples = [batch['data_samples'][0].gt_instance_labels for batch in loader]
    return torch.cat([each.reference_landmarks for each in samples])


def test_workers_draw_apart_and_a_run_can_be_repeated(drawn_faces):
    """Workers with one seed would draw the same number after number."""
    found = drawn_by_two_workers(drawn_faces, seed=1)
    assert (found[0::2] != found[1::2]).flatten(1).any(1).sum() > TRAIN / 3
    torch.testing.assert_close(found, drawn_by_two_workers(drawn_faces, seed=1))
    assert (found != drawn_by_two_workers(drawn_faces, seed=2)).any()


def test_a_seed_of_its_own_gives_each_face_the_same_in_every_run(faces):
    def chosen(number, order):
        transform = AddReference(seed=number)
        found = {i: transform(info(faces.dataset, i))['reference_landmarks'] for i in order}
        return [found[i].tobytes() for i in range(4)]

    assert chosen(0, range(4)) == chosen(0, reversed(range(4)))
    assert len({tuple(chosen(number, range(4))) for number in range(4)}) == 4
    assert len(set(chosen(0, range(4)))) > 1


def test_the_neutral_face_guides_all_but_itself(faces):
    transform, neutral = AddReference('neutral'), faces.neutral()
    for index in (0, 1, neutral):
        number = number_of(transform(info(faces.dataset, index)), faces)
        assert (number == neutral) == (index != neutral)


def test_the_reference_flips_with_the_target(faces):
    transform = AddReference('neutral')
    plain = transform(info(faces.dataset, 0))
    found = transform({**info(faces.dataset, 0), 'flip': True, 'flip_direction': 'horizontal'})
    expected = flipped(faces[faces.neutral()], scheme_of(68).flip_indices, 'horizontal')
    np.testing.assert_array_equal(found['reference_image'][0], expected.image)
    np.testing.assert_array_equal(found['reference_landmarks'][0], expected.landmarks)
    assert (found['reference_image'] != plain['reference_image']).any()
    same = transform({**info(faces.dataset, 0), 'flip': False, 'flip_direction': None})
    np.testing.assert_array_equal(same['reference_image'], plain['reference_image'])


@pytest.mark.parametrize(('reference', 'place'), [('correlated', 0), ('least_correlated', 1)])
def test_the_index_decides(drawn_faces, faces, tmp_path, reference, place):
    valid = dataset_of(drawn_faces, 'valid')
    index = build_index(tmp_path / 'index.json', valid, faces)
    transform = AddReference(
        reference, dataset=settings_of(drawn_faces), index=tmp_path / 'index.json'
    )
    keys = ReferenceFaces(valid).keys
    for number in range(TEST):
        found = number_of(transform(info(valid, number)), faces)
        assert found == index.faces[keys[number]][place]


def test_without_an_index_the_command_is_named(drawn_faces):
    valid = dataset_of(drawn_faces, 'valid')
    transform = AddReference('correlated', dataset=settings_of(drawn_faces))
    path = str(index_path(valid, dataset_of(drawn_faces)))
    for refused in (lambda: transform(info(valid, 0)), lambda: transform.prepare(valid)):
        with pytest.raises(ValueError, match='index_references CONFIG') as raised:
            refused()
        assert path in str(raised.value)


def test_what_is_prepared_is_not_read_again(drawn_faces, faces, tmp_path):
    valid, path = dataset_of(drawn_faces, 'valid'), tmp_path / 'index.json'
    build_index(path, valid, faces)
    transform = AddReference('correlated', dataset=settings_of(drawn_faces), index=path)
    transform.prepare(valid)
    path.unlink()
    assert 'reference_image' in transform(info(valid, 0))


def test_a_low_resolution(faces):
    plain, reduced = (
        AddReference('neutral', resolution=side)(info(faces.dataset, 0))['reference_image'][0]
        for side in (None, 16)
    )
    rough = [np.abs(np.diff(each.astype(float), axis=2)).mean() for each in (plain, reduced)]
    assert reduced.shape == plain.shape and rough[1] < 0.7 * rough[0]


def test_a_sample_of_no_dataset_is_left_as_it_is():
    results = dict(img=np.zeros((4, 4, 3), np.uint8))
    assert AddReference('correlated')(results) == results


def test_the_dataset_inside_a_wrapper(drawn_faces):
    wrapped = dict(type='RepeatDataset', times=2, dataset=settings_of(drawn_faces))
    valid = dataset_of(drawn_faces, 'valid')
    assert len(AddReference(dataset=wrapped).faces_for(valid)) == TRAIN


def test_references_of_another_scheme_are_refused(drawn_faces, faces):
    results = info(faces.dataset, 0)
    results['flip_indices'] = list(scheme_of(29).flip_indices)
    with pytest.raises(ValueError, match='references have 68 landmarks, the face has 29'):
        AddReference('neutral', dataset=settings_of(drawn_faces))(results)


def test_it_cannot_be_shared_between_images():
    shared = cache_random_params(AddReference())
    with pytest.raises(RuntimeError, match='AddReference'), shared:
        pass


def test_it_is_registered_and_says_what_it_does():
    transform = TRANSFORMS.build(dict(type='AddReference', reference='neutral'))
    assert repr(transform) == (
        "AddReference(reference='neutral', size=(128, 128), padding=1.25, seed=None, "
        'resolution=None)'
    )


@pytest.mark.parametrize(
    ('argument', 'value'),
    [
        ('reference', 'nearest'),
        ('size', 128),
        ('padding', -1),
        ('seed', -1),
        ('resolution', 0),
    ],
)
def test_bad_arguments_are_refused_when_it_is_built(argument, value):
    with pytest.raises(ValueError, match=f'^{argument}='):
        AddReference(**{argument: value})


def test_references_from_several_datasets_in_one_wrapper_are_refused():
    part = dict(type='Face300WDataset', data_root='nowhere', ann_file='faces.json')
    wrapped = dict(
        type='RepeatDataset', times=2, dataset=dict(type='ConcatDataset', datasets=[part, part])
    )
    with pytest.raises(ValueError, match='from one dataset, and its dataset wraps 2'):
        AddReference(dataset=wrapped).faces_for(None)
