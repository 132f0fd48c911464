_base_ = './mobilenetv2.py'

heatmap = dict(input_size=(64, 64), heatmap_size=(16, 16))
crop = dict(type='TopdownAffine', input_size=(64, 64))

model = dict(backbone=dict(stride=4))
