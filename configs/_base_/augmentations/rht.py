# Reference Heatmap Transformer, section III-D: "random rotation (45 degrees), random scaling
# (20 %), random crop (10 %), random gray (20 %), random blur (30 %), random occlusion (40 %) and
# random horizontal flip (50 %)". The first three are taken as limits for every face, the others as
# probabilities. How strong blur and occlusion are the paper does not say.
# A config puts `LoadImage` and the size of the crop (`GetBBoxCenterScale`) in front. The reference
# (`AddReference`, behind the targets) is flipped with its face and not augmented otherwise.
rht_augmentation = [
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
