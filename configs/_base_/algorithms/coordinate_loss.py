# A loss on decoded coordinates beside that on heatmaps, KeyPosS' section 3.4 (4), equation (15). An
# error of 1 px weighs 0.001.
coordinate_head = dict(
    type='MultilaterationHead',
    coordinate_loss=dict(type='SmoothL1Loss', use_target_weight=True, loss_weight=0.001),
)
