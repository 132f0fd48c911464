# RHT-S, for a CPU: FastHRNet and a single encoder layer at 32x32 cells, target and reference
# compared as images of 64x64 px at 16x16 cells, 32x32 heatmaps of a 256x256 input.
_base_ = './rht.py'

heatmap = dict(input_size=(256, 256), heatmap_size=(32, 32))

model = dict(
    backbone=dict(
        image_size=(64, 64),
        backbone=dict(type='FastHRNet', stride=8),
        neck=dict(type='FeatureMapProcessor', concat=True),
        init_cfg=dict(type='Pretrained', checkpoint='open-mmlab://msra/hrnetv2_w18'),
    ),
    head=dict(
        in_channels=270,
        network=dict(
            image_size=(64, 64),
            heatmap_size=heatmap['heatmap_size'],
            channels=(128, 64),  # at 16x16 and 32x32 cells
            encoder=dict(channels=64, heads=1, layers=1),
            feature_scale=1,
        ),
        loss=dict(_delete_=True, type='HeatmapNormLoss'),
        boundary_loss=dict(_delete_=True, type='HeatmapNormLoss'),
    ),
)
