_base_ = [
    '../../../_base_/models/fast-hrnetv2-w18_hm8.py',
    '../../../_base_/datasets/300w_256x256.py',
    '../../../_base_/schedules/adam_2e-3_100e.py',
    '../../../_base_/default_runtime.py',
]

codec = dict(type='GaussianMLE', input_size=(256, 256), heatmap_size=(8, 8), sigma=1)

loss = dict(_delete_=True, type='HeatmapNormLoss')
model = dict(head=dict(out_channels=68, decoder=codec, loss=loss))

train_pipeline = [
    *_base_.augmentation,
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
train_dataloader = dict(batch_size=32, dataset=dict(pipeline=train_pipeline))
auto_scale_lr = dict(base_batch_size=4 * 32)
