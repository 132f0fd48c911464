# POPoS at 32x32, where the paper finds an optimum of 25 anchors; it takes 10 elsewhere.
_base_ = './popos.py'

num_anchors = 25
anchor_loss = dict(num_anchors=num_anchors)
