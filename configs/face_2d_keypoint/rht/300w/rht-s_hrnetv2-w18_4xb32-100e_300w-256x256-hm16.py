_base_ = [
    '../../../_base_/models/rht-s_hm16.py',
    '../../../_base_/datasets/300w_256x256.py',
    '../../../_base_/schedules/adam_2e-3_100e.py',
    '../../../_base_/default_runtime.py',
]

scheme = 'ibug'
size = dict(input_size=(256, 256), heatmap_size=(16, 16))
codec = dict(type='GaussianMLE', sigma=1, **size)
boundary_codec = dict(type='BoundaryHeatmap', sigma=1, scheme=scheme, **size)

model = dict(
    head=dict(out_channels=68, scheme=scheme, sigma=1, boundaries=boundary_codec, decoder=codec)
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
auto_scale_lr = dict(base_batch_size=4 * 32)
