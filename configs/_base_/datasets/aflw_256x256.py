# AFLW, 19 landmarks: 20000 faces to train, 4386 to test.
_base_ = './face_256x256.py'

dataset_type = 'AFLWDataset'
data_root = 'data/aflw/'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/face_landmarks_aflw_train.json',
    )
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/face_landmarks_aflw_test.json',
    )
)
test_dataloader = val_dataloader

# By the side of the face box; AFLW has profile faces, whose outer eye corners coincide.
val_evaluator = dict(norm_mode='use_norm_item', norm_item='bbox_size')
test_evaluator = val_evaluator
