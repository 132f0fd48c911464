# KeyPosS with the loss on decoded coordinates of section 3.4 (4), equation (15), beside that on
# heatmaps. The coordinates are decoded as in testing; an error of 1 px weighs 0.001.
_base_ = './keyposs_hrnetv2-w18_4xb64-100e_wflw-256x256-hm16.py'

model = dict(
    head=dict(
        type='MultilaterationHead',
        coordinate_loss=dict(type='SmoothL1Loss', use_target_weight=True, loss_weight=0.001),
    )
)
