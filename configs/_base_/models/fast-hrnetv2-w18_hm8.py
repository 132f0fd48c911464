# 8x8 heatmaps of a 256x256 input, three branches: 18 + 36 + 72 channels.
_base_ = './fast-hrnetv2-w18.py'

model = dict(
    backbone=dict(stride=32),
    head=dict(in_channels=126, conv_out_channels=(126,)),
)
