# ytf68: 2578 frames of 262 persons to train, 348 frames of 34 others to validate; 68 landmarks in
# the order of 300W. The labels are a teacher's (MediaPipe FaceMesh, averaged over 64 views), not
# clicked by people.
_base_ = '../../../../configs/_base_/datasets/face_256x256.py'

dataset_type = 'Face300WDataset'
data_root = 'data/ytf68/'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/face_landmarks_ytf68_train_mesh.json',
    )
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/face_landmarks_ytf68_val_mesh.json',
    )
)
test_dataloader = val_dataloader

val_evaluator = dict(_delete_=True, type='NME', norm_mode='keypoint_distance')
test_evaluator = val_evaluator
