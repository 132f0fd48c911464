# The paper's: heatmaps by the focal loss and the graph are trained end to end.
_base_ = [
    '../../../_base_/models/fast-hrnetv2-w18_hm64.py',
    '../../../_base_/datasets/300w_256x256.py',
    '../../../_base_/augmentations/lcgcn.py',
    '../../../_base_/schedules/adam_1e-4_60e.py',
    '../../../_base_/default_runtime.py',
]

# The focal loss makes peaks narrower than its targets; Dark reads peaks of any width.
codec = dict(type='Dark', input_size=(256, 256), heatmap_size=(64, 64), sigma=2)

heatmap_head = dict(
    out_channels=68,
    decoder=codec,
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

train_pipeline = [
    *_base_.lcgcn_augmentation,
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
train_dataloader = dict(batch_size=32, dataset=dict(pipeline=train_pipeline))
auto_scale_lr = dict(base_batch_size=4 * 32)
