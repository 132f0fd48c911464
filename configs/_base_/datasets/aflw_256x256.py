# AFLW: 20000 faces to train, 4386 to test.
_base_ = './face_256x256.py'

dataset_type = 'AFLWDataset'
num_landmarks = 19
scheme = 'aflw'
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
val_evaluator = dict(normalisers=['box_side'])
test_evaluator = dict(
    normalisers=['box_side', 'box_tight'],
    thresholds=[0.07, 0.08, 0.10],
    subsets=dict(frontal=dict(ann_file='face_landmarks_aflw_test_frontal.json')),
)
