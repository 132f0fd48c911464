# KeyPosS with a loss on coordinates, which it decodes in training as in testing.
_base_ = [
    './keyposs_hrnetv2-w18_4xb64-100e_wflw-256x256-hm4.py',
    '../../../_base_/algorithms/coordinate_loss.py',
]

model = dict(head=_base_.coordinate_head)
