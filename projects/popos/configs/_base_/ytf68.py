# ytf68: 2578 frames of 262 persons to train, 348 frames of 34 others to validate; 68 landmarks in
# the order of 300W. The labels are a teacher's (MediaPipe FaceMesh, averaged over 64 views), not
# clicked by people.
_base_ = '../../../../configs/_base_/pipelines/face_256x256.py'

dataset_type = 'Face300WDataset'
data_mode = 'topdown'
data_root = 'data/ytf68/'

train_dataloader = dict(
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_mode=data_mode,
        ann_file='annotations/face_landmarks_ytf68_train_mesh.json',
        data_prefix=dict(img='images/'),
    ),
)
val_dataloader = dict(
    batch_size=32,
    num_workers=2,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_mode=data_mode,
        ann_file='annotations/face_landmarks_ytf68_val_mesh.json',
        data_prefix=dict(img='images/'),
        test_mode=True,
        pipeline=_base_.val_pipeline,
    ),
)
test_dataloader = val_dataloader

# NME by the distance of the outer eye corners (landmarks 36 and 45).
val_evaluator = dict(type='NME', norm_mode='keypoint_distance')
test_evaluator = val_evaluator
