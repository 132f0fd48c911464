# LaPa: 18168 faces to train, 2000 to validate, 2000 to test.
_base_ = './face_256x256.py'

dataset_type = 'LapaDataset'
num_landmarks = 106
scheme = 'lapa'
data_root = 'data/LaPa/'
data_prefix = dict(img='')  # the annotation files name images from the data root on

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=data_prefix,
        ann_file='annotations/lapa_train.json',
    )
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=data_prefix,
        ann_file='annotations/lapa_val.json',
    )
)
test_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=data_prefix,
        ann_file='annotations/lapa_test.json',
    )
)

# `box_tight` is the normaliser of the challenge on 106 landmarks, with failures above 0.08.
val_evaluator = dict(normalisers=['ocular'])
test_evaluator = dict(normalisers=['ocular', 'box_tight'])
