# POPoS, equation (1), with as many anchors as its decoder has at 32x32.
popos_loss = dict(
    type='LossSum',
    losses=[
        dict(type='KeypointMSELoss', use_target_weight=True),
        dict(type='MultilaterationAnchorLoss', num_anchors=25, loss_weight=6.0),
    ],
)
