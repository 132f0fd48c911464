# 32x32 heatmaps of a 256x256 input, four branches: 18 + 36 + 72 + 144 channels.
_base_ = './fast-hrnetv2-w18.py'

model = dict(
    backbone=dict(stride=8),
    head=dict(in_channels=270, conv_out_channels=(270,)),
)
