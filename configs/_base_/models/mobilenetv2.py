# What all input sizes share: MobileNetV2 down to stride 16, its features of strides 4, 8 and 16
# joined, 24 + 32 + 96 channels. The files beside this one add the input and the stride of the map;
# a config adds the landmarks and the codec (`out_channels` and `decoder` of the head).
model = dict(
    type='MultilaterationPoseEstimator',
    data_preprocessor=dict(
        type='PoseDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
    ),
    backbone=dict(
        type='MultiStrideMobileNet',
        widen_factor=1.0,
        deepest=16,
        init_cfg=dict(type='Pretrained', checkpoint='mmcls://mobilenet_v2'),
    ),
    head=dict(
        type='HeatmapHead',
        in_channels=152,
        deconv_out_channels=None,
        conv_out_channels=(152,),
        conv_kernel_sizes=(1,),
        loss=dict(type='KeypointMSELoss', use_target_weight=True),
    ),
    # Landmarks of the image and of the flipped image are averaged, not heatmaps.
    test_cfg=dict(flip_test=True, flip_mode='coordinates'),
)
