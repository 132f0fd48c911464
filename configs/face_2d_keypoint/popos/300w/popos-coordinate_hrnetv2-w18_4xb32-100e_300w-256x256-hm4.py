# POPoS with a loss on coordinates. KeyPosS decodes in training: the gradients of the weak cells
# that POPoS reads are steep.
_base_ = [
    './popos_hrnetv2-w18_4xb32-100e_300w-256x256-hm4.py',
    '../../../_base_/algorithms/coordinate_loss.py',
]

coordinate_decoder = dict(type='KeyPosS', sigma=2, **_base_.heatmap)
model = dict(head=dict(coordinate_decoder=coordinate_decoder, **_base_.coordinate_head))
