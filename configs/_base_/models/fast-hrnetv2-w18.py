# What all heatmap sizes share; the files beside this one add the stride and the channels, and a
# config adds the landmarks and the codec (`out_channels` and `decoder` of the head).
model = dict(
    type='MultilaterationPoseEstimator',
    data_preprocessor=dict(
        type='PoseDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
    ),
    backbone=dict(
        type='FastHRNet',
        init_cfg=dict(type='Pretrained', checkpoint='open-mmlab://msra/hrnetv2_w18'),
    ),
    neck=dict(type='FeatureMapProcessor', concat=True),
    head=dict(
        type='HeatmapHead',
        deconv_out_channels=None,
        conv_kernel_sizes=(1,),
        loss=dict(type='KeypointMSELoss', use_target_weight=True),
    ),
    # Landmarks of the image and of the flipped image are averaged, not heatmaps.
    test_cfg=dict(flip_test=True, flip_mode='coordinates'),
)
