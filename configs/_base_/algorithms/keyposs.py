# KeyPosS: mean squared error, which is the model's own loss, and 64 faces on each of four GPUs.
_base_ = '../default_runtime.py'

batch_size = 64
auto_scale_lr = dict(base_batch_size=4 * batch_size)
