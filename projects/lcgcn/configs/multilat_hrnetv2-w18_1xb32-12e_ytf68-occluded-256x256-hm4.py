# The recommended network of 4x4 heatmaps on ytf68; half of the training's faces are occluded.
_base_ = [
    '../../../configs/_base_/models/fast-hrnetv2-w18_hm4.py',
    '../../popos/configs/_base_/ytf68.py',
    '../../popos/configs/_base_/adam_2e-3_30e.py',
    '../../../configs/_base_/default_runtime.py',
]

codec = dict(type='GaussianMLE', input_size=(256, 256), heatmap_size=(4, 4), sigma=1)

# Trained from scratch, tested without flip test.
loss = dict(_delete_=True, type='HeatmapNormLoss')
model = dict(
    backbone=dict(init_cfg=None),
    head=dict(out_channels=68, decoder=codec, loss=loss),
    test_cfg=dict(flip_test=False),
)

train_pipeline = [
    *_base_.augmentation,
    dict(type='RandomOcclusion', prob=0.5, size=(0.1, 0.5)),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
train_dataloader = dict(batch_size=32, dataset=dict(pipeline=train_pipeline))
randomness = dict(seed=0)
