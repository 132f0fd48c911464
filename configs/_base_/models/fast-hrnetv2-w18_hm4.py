# Two branches: 18 + 36 channels.
_base_ = './fast-hrnetv2-w18.py'

heatmap = dict(input_size=(256, 256), heatmap_size=(4, 4))

model = dict(
    backbone=dict(stride=64),
    head=dict(in_channels=54, conv_out_channels=(54,)),
)
