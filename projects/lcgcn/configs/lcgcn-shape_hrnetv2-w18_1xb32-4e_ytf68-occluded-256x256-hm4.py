# A linear map of the shape alone, on a trained and frozen network. `load_from` is the checkpoint of
# the control of the study:
#   mim train mmpose CONFIG --cfg-options load_from=CHECKPOINT
_base_ = './lcgcn_hrnetv2-w18_1xb32-12e_ytf68-occluded-256x256-hm4.py'

model = dict(
    type='MultilaterationPoseEstimator',
    frozen=['backbone', 'neck', 'head.base_head'],
    head=dict(edges='shape'),
)
train_cfg = dict(max_epochs=4, val_interval=4)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, begin=0, end=50, by_epoch=False),
    dict(type='LinearLR', start_factor=1.0, end_factor=0.005, begin=0, end=4, by_epoch=True),
]
