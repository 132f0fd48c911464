# COFW: 1345 faces to train, 507 to test.
_base_ = './face_256x256.py'

dataset_type = 'COFWDataset'
num_landmarks = 29
scheme = 'cofw'
data_root = 'data/cofw/'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/cofw_train.json',
    )
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/cofw_test.json',
    )
)
test_dataloader = val_dataloader

val_evaluator = dict(normalisers=['ocular'], occlusion=False)
test_evaluator = dict(normalisers=['ocular', 'pupil'])  # also visible and occluded landmarks apart
