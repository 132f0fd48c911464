_base_ = [
    '../../../configs/_base_/models/fast-hrnetv2-w18_hm64.py',
    './_base_/ytf68.py',
    './_base_/adam_2e-3_30e.py',
    '../../../configs/_base_/default_runtime.py',
]

codec = dict(type='POPoS', input_size=(256, 256), heatmap_size=(64, 64), sigma=2, num_anchors=10)

# Trained from scratch, tested without flip test.
model = dict(
    backbone=dict(init_cfg=None),
    head=dict(out_channels=68, decoder=codec),
    test_cfg=dict(flip_test=False),
)

train_pipeline = [
    *_base_.augmentation,
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
train_dataloader = dict(batch_size=32, dataset=dict(pipeline=train_pipeline))
randomness = dict(seed=0)
