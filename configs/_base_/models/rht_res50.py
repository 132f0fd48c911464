# RHT-R: the first two stages of ResNet50, 32x32 cells of a 256x256 input as in TransPose-R, and an
# encoder of 4 layers with 8 heads.
_base_ = './rht.py'

model = dict(
    backbone=dict(
        backbone=dict(
            type='ResNet',
            depth=50,
            num_stages=2,
            strides=(1, 2),
            dilations=(1, 1),
            out_indices=(1,),
        ),
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet50'),
    ),
    head=dict(
        in_channels=512,
        network=dict(encoder=dict(channels=256, heads=8, layers=4), feature_scale=0),
    ),
)
