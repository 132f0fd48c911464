# The papers' schedule in 30 epochs: Adam from 2e-3, reduced by the same step every epoch to 1e-5 in
# the last.
train_cfg = dict(by_epoch=True, max_epochs=30, val_interval=5)

optim_wrapper = dict(optimizer=dict(type='Adam', lr=2e-3))

param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, begin=0, end=500, by_epoch=False),  # warm-up
    dict(type='LinearLR', start_factor=1.0, end_factor=0.005, begin=0, end=30, by_epoch=True),
]
