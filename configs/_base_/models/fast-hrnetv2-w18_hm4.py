# 4x4 heatmaps of a 256x256 input, two branches: 18 + 36 channels.
_base_ = './fast-hrnetv2-w18.py'

model = dict(
    backbone=dict(stride=64),
    head=dict(in_channels=54, conv_out_channels=(54,)),
)
