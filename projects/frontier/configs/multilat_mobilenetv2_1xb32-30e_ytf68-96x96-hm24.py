_base_ = [
    '../../../configs/_base_/models/mobilenetv2_96px-hm24.py',
    '../../popos/configs/_base_/ytf68.py',
    '../../popos/configs/_base_/adam_2e-3_30e.py',
    '../../../configs/_base_/default_runtime.py',
]

codec = dict(type='GaussianMLE', sigma=1, **_base_.heatmap)

# Trained from scratch, tested without flip test.
model = dict(
    backbone=dict(init_cfg=None),
    head=dict(out_channels=68, decoder=codec, loss=dict(_delete_=True, type='HeatmapNormLoss')),
    test_cfg=dict(flip_test=False),
)

# Crops of this size instead of the 256x256 that the dataset's pipelines end with.
train_pipeline = [
    *_base_.augmentation[:-1],
    _base_.crop,
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
val_pipeline = [*_base_.val_pipeline[:-2], _base_.crop, dict(type='PackPoseInputs')]

train_dataloader = dict(batch_size=32, dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = val_dataloader
randomness = dict(seed=0)
