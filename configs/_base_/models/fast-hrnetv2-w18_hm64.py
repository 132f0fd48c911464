# Four branches: 18 + 36 + 72 + 144 channels.
_base_ = './fast-hrnetv2-w18.py'

heatmap = dict(input_size=(256, 256), heatmap_size=(64, 64))

model = dict(
    backbone=dict(stride=4),
    head=dict(in_channels=270, conv_out_channels=(270,)),
)
