# What all face datasets share: the way from a file to the 256x256 input, loaders and metric.
# A config appends the heatmaps of its codec to `augmentation` (GenerateTarget) and packs them.

data_mode = 'topdown'  # MMPoseInferencer looks for it here

# `rotate_factor` is the limit of the angle: a standard normal variable cut at -1 and 1, times 60
# degrees. MMPose 0.x, with which the papers were written, has `rot_factor=30` for the standard
# deviation and cuts at twice that, so 60 here is their 30. In the same way their
# `scale_factor=0.25` is the range from 0.75 to 1.25 here. Both rotate 60 % of the faces.
augmentation = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='RandomFlip', direction='horizontal'),
    dict(
        type='RandomBBoxTransform',
        shift_prob=0,
        scale_factor=(0.75, 1.25),
        rotate_factor=60,
        rotate_prob=0.6,
    ),
    dict(type='TopdownAffine', input_size=(256, 256)),
]

val_pipeline = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=(256, 256)),
    dict(type='PackPoseInputs'),
]

train_dataloader = dict(
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(data_mode=data_mode, data_prefix=dict(img='images/')),
)
val_dataloader = dict(
    batch_size=32,
    num_workers=2,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        data_mode=data_mode,
        data_prefix=dict(img='images/'),
        test_mode=True,
        pipeline=val_pipeline,
    ),
)
test_dataloader = val_dataloader

# A dataset adds its normalisers and subsets; the first normaliser chooses the best checkpoint.
val_evaluator = dict(type='FaceAlignmentMetric', thresholds=[0.10], percentiles=[])
test_evaluator = dict(type='FaceAlignmentMetric', thresholds=[0.08, 0.10])
