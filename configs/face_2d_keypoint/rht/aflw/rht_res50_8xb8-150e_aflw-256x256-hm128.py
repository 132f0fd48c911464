_base_ = [
    '../../../_base_/models/rht_res50.py',
    '../../../_base_/datasets/aflw_256x256.py',
    '../../../_base_/algorithms/rht.py',
    '../../../_base_/schedules/adam_1e-4_150e.py',
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

augmentation = _base_.rht_augmentation
train_pipeline = [
    *augmentation,
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
train_dataloader = dict(batch_size=_base_.batch_size, dataset=dict(pipeline=train_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
