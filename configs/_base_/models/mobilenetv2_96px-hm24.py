_base_ = './mobilenetv2.py'

heatmap = dict(input_size=(96, 96), heatmap_size=(24, 24))
crop = dict(type='TopdownAffine', input_size=(96, 96))

model = dict(backbone=dict(stride=4))
