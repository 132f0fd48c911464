_base_ = './mobilenetv2.py'

heatmap = dict(input_size=(224, 224), heatmap_size=(28, 28))
crop = dict(type='TopdownAffine', input_size=(224, 224))

model = dict(backbone=dict(stride=8))
