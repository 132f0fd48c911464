# POPoS: beside the model's own loss on the whole heatmap w = 6 times that on its anchors, equation
# (1), and 32 faces on each of four GPUs.
_base_ = '../default_runtime.py'

batch_size = 32
auto_scale_lr = dict(base_batch_size=4 * batch_size)

num_anchors = 10  # of the decoder and of the loss
anchor_loss = dict(type='MultilaterationAnchorLoss', num_anchors=num_anchors, loss_weight=6.0)
