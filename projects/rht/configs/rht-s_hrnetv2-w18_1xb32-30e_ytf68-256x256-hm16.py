_base_ = [
    '../../../configs/_base_/models/rht-s_hm16.py',
    '../../popos/configs/_base_/ytf68.py',
    '../../popos/configs/_base_/adam_2e-3_30e.py',
    '../../../configs/_base_/default_runtime.py',
]

size = dict(input_size=(256, 256), heatmap_size=(16, 16))
codec = dict(type='GaussianMLE', sigma=1, **size)
boundary_codec = dict(type='BoundaryHeatmap', sigma=1, scheme='ibug', **size)

# Trained from scratch, tested without flip test.
model = dict(
    backbone=dict(init_cfg=None),
    head=dict(out_channels=68, scheme='ibug', sigma=1, boundaries=boundary_codec, decoder=codec),
    test_cfg=dict(flip_test=False),
)

train_pipeline = [
    *_base_.augmentation,
    dict(type='GenerateTarget', encoder=codec),
    dict(type='AddTarget', encoder=boundary_codec),
    dict(type='AddReference', reference='random'),
    dict(type='PackPoseInputs'),
]
train_dataloader = dict(batch_size=32, dataset=dict(pipeline=train_pipeline))
custom_hooks = [*_base_.custom_hooks, dict(type='ReferenceBankHook')]
# The affine map learns at the paper's rate: at the network's it leaves the reference behind.
optim_wrapper = dict(paramwise_cfg=dict(custom_keys={'localisation': dict(lr_mult=0.05)}))
randomness = dict(seed=0)
