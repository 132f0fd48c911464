# RHT-S, trained as Multilat is: 32 faces on each of four GPUs, sigma 1, the dataset's augmentation.
_base_ = './rht.py'

batch_size = 32
auto_scale_lr = dict(base_batch_size=4 * batch_size)

sigma = 1
