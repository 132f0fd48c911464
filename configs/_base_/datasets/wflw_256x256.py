# WFLW: 7500 faces to train, 2500 to test.
_base_ = './face_256x256.py'

dataset_type = 'WFLWDataset'
num_landmarks = 98
scheme = 'wflw'
data_root = 'data/wflw/'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/face_landmarks_wflw_train.json',
    )
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/face_landmarks_wflw_test.json',
    )
)
test_dataloader = val_dataloader

val_evaluator = dict(normalisers=['ocular'])
test_evaluator = dict(
    normalisers=['ocular'],
    subsets=dict(
        pose=dict(ann_file='face_landmarks_wflw_test_largepose.json'),
        expression=dict(ann_file='face_landmarks_wflw_test_expression.json'),
        illumination=dict(ann_file='face_landmarks_wflw_test_illumination.json'),
        makeup=dict(ann_file='face_landmarks_wflw_test_makeup.json'),
        occlusion=dict(ann_file='face_landmarks_wflw_test_occlusion.json'),
        blur=dict(ann_file='face_landmarks_wflw_test_blur.json'),
    ),
)
