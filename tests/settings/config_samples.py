"""Configs that say the same in other spellings and wrappers."""

from mmpose.datasets import datasets, transforms

SPELLINGS = {
    'name': lambda kind: dict(type=kind.__name__),
    'scope before the name': lambda kind: dict(type=f'mmpose.{kind.__name__}'),
    'scope beside the name': lambda kind: dict(type=kind.__name__, _scope_='mmpose'),
    'path': lambda kind: dict(type=f'{kind.__module__}.{kind.__qualname__}'),
    'class': lambda kind: dict(type=kind),
    'derived class': lambda kind: dict(type=type('Own', (kind,), {})),
}
"""How the class of a part can be written."""

WRAPPERS = {
    'plain': lambda one: one,
    'RepeatDataset': lambda one: dict(type='RepeatDataset', times=1, dataset=one),
    'ConcatDataset': lambda one: dict(type='mmengine.ConcatDataset', datasets=[one]),
    'ConcatDataset in RepeatDataset': lambda one: dict(
        type='RepeatDataset', times=1, dataset=dict(type='ConcatDataset', datasets=[one])
    ),
    'CombinedDataset, one pipeline': lambda one: dict(
        type='CombinedDataset',
        metainfo=dict(from_file='configs/_base_/datasets/300w.py'),
        datasets=[dict(one, pipeline=[])],
        pipeline=one.get('pipeline', []),
        test_mode=True,
    ),
    'CombinedDataset, converters inside': lambda one: dict(
        type='CombinedDataset',
        metainfo=dict(from_file='configs/_base_/datasets/300w.py'),
        datasets=[dict(one, pipeline=[converter(68)])],
        pipeline=one.get('pipeline', []),
        test_mode=True,
    ),
    'CombinedDataset, images loaded inside': lambda one: dict(
        type='CombinedDataset',
        metainfo=dict(from_file='configs/_base_/datasets/300w.py'),
        datasets=[dict(one, pipeline=one.get('pipeline', [])[:1])],
        pipeline=one.get('pipeline', [])[1:],
        test_mode=True,
    ),
}
"""Datasets that hold what one dataset holds."""


def converter(landmarks):
    """A conversion that changes no label."""
    mapping = [(index, index) for index in range(landmarks)]
    return dict(type='KeypointConverter', num_keypoints=landmarks, mapping=mapping)


def pipeline(spelling='name', padding=1.5, **affine):
    """A test pipeline that crops 64 x 48 px."""
    named = SPELLINGS[spelling]
    return [
        dict(type='LoadImage'),
        dict(named(transforms.GetBBoxCenterScale), padding=padding),
        dict(named(transforms.TopdownAffine), input_size=(64, 48), **affine),
        dict(type='PackPoseInputs'),
    ]


def faces(**settings):
    """A dataset of 68 landmarks; its files do not exist."""
    return dict(type=datasets.Face300WDataset, ann_file='none.json', **settings)
