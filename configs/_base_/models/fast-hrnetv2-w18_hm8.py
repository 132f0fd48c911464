# Three branches: 18 + 36 + 72 channels.
_base_ = './fast-hrnetv2-w18.py'

heatmap = dict(input_size=(256, 256), heatmap_size=(8, 8))

model = dict(
    backbone=dict(stride=32),
    head=dict(in_channels=126, conv_out_channels=(126,)),
)
