# POPoS, equation (1): the loss on the whole heatmap and w = 6 times that on its ten anchors.
popos_loss = dict(
    type='LossSum',
    losses=[
        dict(type='KeypointMSELoss', use_target_weight=True),
        dict(type='MultilaterationAnchorLoss', num_anchors=10, loss_weight=6.0),
    ],
)
