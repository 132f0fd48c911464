# POPoS with a loss on decoded coordinates beside those on heatmaps. KeyPosS decodes while training:
# the gradients of the weak cells that POPoS reads are steep.
_base_ = './popos_hrnetv2-w18_4xb32-100e_wflw-256x256-hm8.py'

model = dict(
    head=dict(
        type='MultilaterationHead',
        coordinate_loss=dict(type='SmoothL1Loss', use_target_weight=True, loss_weight=0.001),
        coordinate_decoder=dict(
            type='KeyPosS', input_size=(256, 256), heatmap_size=(8, 8), sigma=2
        ),
    )
)
