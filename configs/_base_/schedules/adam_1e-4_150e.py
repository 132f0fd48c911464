# Adam from 1e-4 along half a cosine to 1e-5 in 150 epochs (RHT, section III-D).
train_cfg = dict(by_epoch=True, max_epochs=150, val_interval=1)

optim_wrapper = dict(optimizer=dict(type='Adam', lr=1e-4))

param_scheduler = [
    dict(type='CosineAnnealingLR', T_max=149, eta_min=1e-5, begin=0, end=150, by_epoch=True),
]
