# 300W, 68 landmarks: 3148 faces to train, the full set of 689 to test.
_base_ = './face_256x256.py'

dataset_type = 'Face300WDataset'
data_root = 'data/300w/'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/face_landmarks_300w_train.json',
    )
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/face_landmarks_300w_valid.json',
    )
)
test_dataloader = val_dataloader
