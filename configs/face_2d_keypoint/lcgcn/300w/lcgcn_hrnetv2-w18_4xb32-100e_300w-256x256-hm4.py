# The recommended network for 4x4 heatmaps and a graph over its landmarks, trained together.
_base_ = '../../multilat/300w/multilat_hrnetv2-w18_4xb32-100e_300w-256x256-hm4.py'

model = dict(head=dict(_delete_=True, type='GraphRefinementHead', base_head=_base_.model.head))
