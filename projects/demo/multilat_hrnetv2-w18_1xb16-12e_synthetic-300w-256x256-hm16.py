# Multilat at 16x16 on synthetic faces, small enough for two CPU cores and a few minutes:
# `make demo`.
_base_ = (
    '../../configs/face_2d_keypoint/multilat/300w/'
    'multilat_hrnetv2-w18_4xb32-100e_300w-256x256-hm16.py'
)

data_root = 'data/synthetic/300w/'

model = dict(backbone=dict(init_cfg=None))  # from scratch, so that nothing is downloaded

train_dataloader = dict(batch_size=16, dataset=dict(data_root=data_root))
val_dataloader = dict(dataset=dict(data_root=data_root))
test_dataloader = val_dataloader

train_cfg = dict(max_epochs=12, val_interval=6)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, begin=0, end=100, by_epoch=False),  # warm-up
    dict(type='LinearLR', start_factor=1.0, end_factor=0.005, begin=0, end=12, by_epoch=True),
]
randomness = dict(seed=0)

# The synthetic faces have no subsets.
test_evaluator = dict(_delete_=True, type='FaceAlignmentMetric', normalisers=['ocular', 'pupil'])
