# The paper's network of LC-GCN: 64x64 heatmaps by the focal loss and a graph over their landmarks,
# trained end to end. A config adds the landmarks and the codec (`out_channels` and `decoder` of
# `base_head`).
_base_ = './fast-hrnetv2-w18_hm64.py'

heatmap_head = dict(
    final_layer=dict(type='ProbabilityConv2d', kernel_size=1),
    loss=dict(type='HeatmapFocalLoss'),
)
model = dict(
    head=dict(
        _delete_=True,
        type='GraphRefinementHead',
        base_head=dict(_base_.model.head, **heatmap_head),
        end_to_end=True,
    )
)
