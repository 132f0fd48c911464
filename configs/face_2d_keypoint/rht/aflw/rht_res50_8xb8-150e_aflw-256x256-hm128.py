_base_ = [
    '../../../_base_/models/rht_res50.py',
    '../../../_base_/datasets/aflw_256x256.py',
    '../../../_base_/augmentations/rht.py',
    '../../../_base_/schedules/adam_1e-4_150e.py',
    '../../../_base_/default_runtime.py',
]

scheme = 'aflw'
size = dict(input_size=(256, 256), heatmap_size=(128, 128))
codec = dict(type='GaussianMLE', sigma=2, **size)
boundary_codec = dict(type='BoundaryHeatmap', sigma=2, scheme=scheme, **size)

model = dict(
    head=dict(out_channels=19, scheme=scheme, sigma=2, boundaries=boundary_codec, decoder=codec)
)

train_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    *_base_.rht_augmentation,
    dict(type='GenerateTarget', encoder=codec),
    dict(type='AddTarget', encoder=boundary_codec),
    dict(type='AddReference', reference='random'),
    dict(type='PackPoseInputs'),
]
# In testing the training face that looks most like each target; validation takes the bank.
test_pipeline = [
    *_base_.val_pipeline[:-1],
    dict(type='AddReference', reference='correlated', dataset=_base_.train_dataloader.dataset),
    dict(type='PackPoseInputs'),
]
train_dataloader = dict(batch_size=8, dataset=dict(pipeline=train_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
custom_hooks = [*_base_.custom_hooks, dict(type='ReferenceBankHook')]
auto_scale_lr = dict(base_batch_size=8 * 8)
