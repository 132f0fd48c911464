_base_ = [
    '../../../_base_/models/gaussian-vector_hrnetv2-w32.py',
    '../../../_base_/datasets/300w_256x256.py',
    '../../../_base_/algorithms/gaussian_vector.py',
    '../../../_base_/schedules/adam_2e-3_100e.py',
]

codec = dict(type='GaussianVector', sigma=2, theta=3, **_base_.heatmap)

model = dict(head=dict(out_channels=_base_.num_landmarks, decoder=codec))

box = dict(type='GetBBoxCenterScale', padding=1.0)  # the square box as it is
augmentation = [dict(type='LoadImage'), box, *_base_.gaussian_vector_augmentation]
train_pipeline = [
    *augmentation,
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
val_pipeline = [dict(type='LoadImage'), box, *_base_.val_pipeline[2:]]
train_dataloader = dict(batch_size=_base_.batch_size, dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = val_dataloader
