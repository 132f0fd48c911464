# Multilat: the mean norm of each landmark's heatmap error, 32 faces on each of four GPUs.
_base_ = '../default_runtime.py'

batch_size = 32
auto_scale_lr = dict(base_batch_size=4 * batch_size)

heatmap_loss = dict(type='HeatmapNormLoss')
