# RHT-H: HRNet-W48, whose first branch has 64x64 cells of a 256x256 input, and an encoder of 4
# layers with 1 head. The paper does not say how 64x64 cells enter the fusion that begins at 32x32:
# see MultiScaleFusion.
_base_ = './rht.py'

model = dict(
    backbone=dict(
        backbone=dict(
            type='HRNet',
            extra=dict(
                stage1=dict(
                    num_modules=1,
                    num_branches=1,
                    block='BOTTLENECK',
                    num_blocks=(4,),
                    num_channels=(64,),
                ),
                stage2=dict(
                    num_modules=1,
                    num_branches=2,
                    block='BASIC',
                    num_blocks=(4, 4),
                    num_channels=(48, 96),
                ),
                stage3=dict(
                    num_modules=4,
                    num_branches=3,
                    block='BASIC',
                    num_blocks=(4, 4, 4),
                    num_channels=(48, 96, 192),
                ),
                stage4=dict(
                    num_modules=3,
                    num_branches=4,
                    block='BASIC',
                    num_blocks=(4, 4, 4, 4),
                    num_channels=(48, 96, 192, 384),
                ),
            ),
        ),
        init_cfg=dict(type='Pretrained', checkpoint='open-mmlab://msra/hrnetv2_w48'),
    ),
    head=dict(
        in_channels=48,
        # Twice the channels in the feed-forward networks, as in TransPose-H.
        network=dict(
            encoder=dict(channels=64, heads=1, layers=4, feedforward=128), feature_scale=1
        ),
    ),
)
