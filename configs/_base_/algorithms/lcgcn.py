# LC-GCN: 32 faces on each of four GPUs.
_base_ = '../default_runtime.py'

batch_size = 32
auto_scale_lr = dict(base_batch_size=4 * batch_size)

# Section IV-B: rotation by up to 30 degrees, sizes from 80 to 120 %, shifts by up to a tenth of the
# crop (printed as a translation in [0.9, 1.1]), flips, colour jitter (no numbers).
lcgcn_augmentation = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='RandomFlip', direction='horizontal', prob=0.5),
    dict(
        type='RandomBBoxTransform',
        shift_factor=0.1,
        shift_prob=1.0,
        scale_factor=(0.8, 1.2),
        scale_prob=1.0,
        rotate_factor=30,
        rotate_prob=1.0,
    ),
    dict(type='TopdownAffine', input_size=(256, 256)),
    dict(type='PhotometricDistortion'),
]
