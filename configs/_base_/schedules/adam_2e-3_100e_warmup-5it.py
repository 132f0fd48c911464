# A small dataset has so few batches per epoch that a warm-up of 500 would last for most of the
# training: 1345 faces in batches of 256 are 6 per epoch. The code of KeyPosS takes 5 there.
_base_ = './adam_2e-3_100e.py'

param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, begin=0, end=5, by_epoch=False),  # warm-up
    dict(type='LinearLR', start_factor=1.0, end_factor=0.005, begin=0, end=100, by_epoch=True),
]
