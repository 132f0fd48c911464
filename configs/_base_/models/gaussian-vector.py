# What both networks of Gaussian Vector share: a feature pyramid (FPN) over maps of strides 4 to
# 32, whose largest gives 64x64 heatmaps of a 256x256 input, and band pooling to vectors. A config
# adds the landmarks and the codec (`out_channels` and `decoder` of the head).

heatmap = dict(input_size=(256, 256), heatmap_size=(64, 64))

model = dict(
    type='MultilaterationPoseEstimator',
    data_preprocessor=dict(
        type='PoseDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
    ),
    neck=dict(type='FPN', out_channels=256, num_outs=4),
    head=dict(
        type='GaussianVectorHead',
        in_channels=256,
        deconv_out_channels=None,
        feature_index=0,  # FPN has the largest map first
        band_pooling=dict(bandwidths=(3, 5), weights=(0.5, 0.5)),
        loss=dict(type='KeypointMSELoss', use_target_weight=True),
    ),
    # Landmarks of the image and of the flipped image are averaged, not vectors.
    test_cfg=dict(flip_test=True, flip_mode='coordinates'),
)

# The last convolutions of the pyramid's smaller maps lead to nothing and get no gradient; without
# this, training on several GPUs stops with an error at its second batch.
find_unused_parameters = True
