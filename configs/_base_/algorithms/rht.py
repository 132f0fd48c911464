# Reference Heatmap Transformer: 8 faces on each of eight GPUs.
_base_ = '../default_runtime.py'

batch_size = 8
auto_scale_lr = dict(base_batch_size=8 * batch_size)

sigma = 2  # of landmarks, boundaries and reference

# The head keeps training faces as references.
custom_hooks = [*_base_.custom_hooks, dict(type='ReferenceBankHook')]

# Section III-D: "random rotation (45 degrees), random scaling (20 %), random crop (10 %), random
# gray (20 %), random blur (30 %), random occlusion (40 %) and random horizontal flip (50 %)". The
# first three are taken as limits for every face, the others as probabilities. How strong blur and
# occlusion are the paper does not say. The reference (`AddReference`, behind the targets) is
# flipped with its face and not augmented otherwise.
rht_augmentation = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='RandomFlip', direction='horizontal', prob=0.5),
    dict(
        type='RandomBBoxTransform',
        shift_factor=0.1,
        shift_prob=1.0,
        scale_factor=(0.8, 1.2),
        scale_prob=1.0,
        rotate_factor=45,
        rotate_prob=1.0,
    ),
    dict(type='TopdownAffine', input_size=(256, 256)),
    # The weights of OpenCV, blue first.
    dict(
        type='RandomGrayscale',
        prob=0.2,
        keep_channels=True,
        channel_weights=(0.114, 0.587, 0.299),
    ),
    dict(type='RandomBlur', prob=0.3, sigma=(0.5, 3.0)),
    dict(type='RandomOcclusion', prob=0.4, size=(0.1, 0.4)),
]
