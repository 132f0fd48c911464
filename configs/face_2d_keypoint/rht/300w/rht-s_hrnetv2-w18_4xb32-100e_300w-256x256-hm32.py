_base_ = [
    '../../../_base_/models/rht-s_hm32.py',
    '../../../_base_/datasets/300w_256x256.py',
    '../../../_base_/algorithms/rht-s.py',
    '../../../_base_/schedules/adam_2e-3_100e.py',
]

target = dict(sigma=_base_.sigma, **_base_.heatmap)
codec = dict(type='GaussianMLE', **target)
boundary_codec = dict(type='BoundaryHeatmap', scheme=_base_.scheme, **target)

model = dict(
    head=dict(
        out_channels=_base_.num_landmarks,
        scheme=_base_.scheme,
        sigma=_base_.sigma,
        boundaries=boundary_codec,
        decoder=codec,
    )
)

train_pipeline = [
    *_base_.augmentation,
    dict(type='GenerateTarget', encoder=codec),
    dict(type='AddTarget', encoder=boundary_codec),
    dict(type='AddReference', reference='random'),
    dict(type='PackPoseInputs'),
]
train_dataloader = dict(batch_size=_base_.batch_size, dataset=dict(pipeline=train_pipeline))
# The affine map learns at the paper's rate: at the network's it leaves the reference behind.
optim_wrapper = dict(paramwise_cfg=dict(custom_keys={'localisation': dict(lr_mult=0.05)}))
