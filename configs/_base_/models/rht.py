# What all networks of the Reference Heatmap Transformer share. Target and reference are compared as
# images of 128x128 px at the coarsest of the scales. A file beside this one adds the backbone and
# the channels that follow from it, a config the landmarks, their scheme and the codecs.

heatmap = dict(input_size=(256, 256), heatmap_size=(128, 128))

preprocessor = dict(
    type='PoseDataPreprocessor',
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    bgr_to_rgb=True,
)

model = dict(
    type='MultilaterationPoseEstimator',
    data_preprocessor=preprocessor,
    backbone=dict(type='BackboneWithImage', image_size=(128, 128)),
    head=dict(
        type='ReferenceHeatmapHead',
        preprocessor=preprocessor,  # references are normalised as targets are
        network=dict(
            image_size=(128, 128),
            heatmap_size=heatmap['heatmap_size'],
            channels=(256, 128, 64),  # at 32x32, 64x64 and 128x128 cells
        ),
        reference='neutral',  # where a sample brings none
        # Equation (7) sums squares over 128x128 cells, this loss takes their mean.
        loss=dict(type='KeypointMSELoss', use_target_weight=True, loss_weight=128 * 128),
        boundary_loss=dict(type='KeypointMSELoss', use_target_weight=True, loss_weight=128 * 128),
        transformation_loss=dict(type='TransformationLoss', loss_weight=0.1),  # equations (8), (9)
    ),
    # Landmarks of the image and of the flipped image are averaged, not heatmaps.
    test_cfg=dict(flip_test=True, flip_mode='coordinates'),
)
