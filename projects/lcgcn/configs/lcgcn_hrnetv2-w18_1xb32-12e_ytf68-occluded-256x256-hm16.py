# The same network with a graph over its landmarks.
_base_ = './multilat_hrnetv2-w18_1xb32-12e_ytf68-occluded-256x256-hm16.py'

model = dict(
    head=dict(_delete_=True, type='GraphRefinementHead', base_head=_base_.model.head),
)
