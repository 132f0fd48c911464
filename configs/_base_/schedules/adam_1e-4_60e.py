# LC-GCN, section IV-B: 1e-4 for the heatmap network and ten times that for the graph. Optimiser,
# number of epochs and their steps are not in the paper: they are those of MMPose's HRNet for faces.
train_cfg = dict(by_epoch=True, max_epochs=60, val_interval=1)

optim_wrapper = dict(
    optimizer=dict(type='Adam', lr=1e-4),
    paramwise_cfg=dict(custom_keys={'head.graph': dict(lr_mult=10)}),
)

param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, begin=0, end=500, by_epoch=False),  # warm-up
    dict(type='MultiStepLR', milestones=[40, 55], gamma=0.1, begin=0, end=60, by_epoch=True),
]
