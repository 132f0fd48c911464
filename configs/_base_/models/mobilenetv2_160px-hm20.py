_base_ = './mobilenetv2.py'

heatmap = dict(input_size=(160, 160), heatmap_size=(20, 20))
crop = dict(type='TopdownAffine', input_size=(160, 160))

model = dict(backbone=dict(stride=8))
