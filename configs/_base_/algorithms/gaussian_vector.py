# Gaussian Vector: 32 faces on each of four GPUs.
_base_ = '../default_runtime.py'

batch_size = 32
auto_scale_lr = dict(base_batch_size=4 * batch_size)

# Section 4.3: half of the faces are flipped, all change their size, half are rotated by up to 30
# degrees. The paper also occludes at random and does not say how.
# A config puts `LoadImage` and the size of the crop (`GetBBoxCenterScale`) in front.
gaussian_vector_augmentation = [
    dict(type='RandomFlip', direction='horizontal', prob=0.5),
    dict(
        type='RandomBBoxTransform',
        shift_prob=0,
        scale_factor=(0.75, 1.25),
        scale_prob=1.0,
        rotate_factor=30,
        rotate_prob=0.5,
    ),
    dict(type='TopdownAffine', input_size=(256, 256)),
    dict(type='RandomOcclusion', prob=0.5, size=(0.1, 0.4)),
]
