_base_ = [
    '../../../_base_/models/gaussian-vector_hrnetv2-w32.py',
    '../../../_base_/datasets/300w_256x256.py',
    '../../../_base_/augmentations/gaussian_vector.py',
    '../../../_base_/schedules/adam_2e-3_100e.py',
    '../../../_base_/default_runtime.py',
]

codec = dict(type='GaussianVector', input_size=(256, 256), heatmap_size=(64, 64), sigma=2, theta=3)

model = dict(head=dict(out_channels=68, decoder=codec))

padding = 1.0  # the square box as it is
augmentation = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale', padding=padding),
    *_base_.gaussian_vector_augmentation,
]
train_pipeline = [
    *augmentation,
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
val_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale', padding=padding),
    dict(type='TopdownAffine', input_size=(256, 256)),
    dict(type='PackPoseInputs'),
]
train_dataloader = dict(batch_size=32, dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = val_dataloader
auto_scale_lr = dict(base_batch_size=4 * 32)
