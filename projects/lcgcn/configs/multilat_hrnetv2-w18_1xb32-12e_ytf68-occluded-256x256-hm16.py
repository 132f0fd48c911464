# The recommended network of 16x16 heatmaps on ytf68; half of the training's faces are occluded.
_base_ = '../../popos/configs/popos_hrnetv2-w18_1xb32-30e_ytf68-256x256-hm16.py'

codec = dict(type='GaussianMLE', input_size=(256, 256), heatmap_size=(16, 16), sigma=1)

model = dict(
    head=dict(
        decoder=dict(_delete_=True, **codec),
        loss=dict(_delete_=True, type='HeatmapNormLoss'),
    )
)

train_pipeline = [
    *_base_.augmentation,
    dict(type='RandomOcclusion', prob=0.5, size=(0.1, 0.5)),
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
