_base_ = [
    '../../../_base_/models/mobilenetv2_64px-hm16.py',
    '../../../_base_/datasets/aflw_256x256.py',
    '../../../_base_/algorithms/multilat.py',
    '../../../_base_/schedules/adam_2e-3_100e.py',
]

codec = dict(type='GaussianMLE', sigma=1, **_base_.heatmap)

loss = dict(_delete_=True, **_base_.heatmap_loss)
model = dict(head=dict(out_channels=_base_.num_landmarks, decoder=codec, loss=loss))

# The network's crop instead of the 256x256 of the dataset's pipelines.
train_pipeline = [
    *_base_.augmentation[:-1],
    _base_.crop,
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
val_pipeline = [*_base_.val_pipeline[:-2], _base_.crop, dict(type='PackPoseInputs')]

train_dataloader = dict(batch_size=_base_.batch_size, dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = val_dataloader
