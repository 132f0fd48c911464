# The paper's: heatmaps by the focal loss and the graph are trained end to end.
_base_ = [
    '../../../_base_/models/lcgcn.py',
    '../../../_base_/datasets/300w_256x256.py',
    '../../../_base_/algorithms/lcgcn.py',
    '../../../_base_/schedules/adam_1e-4_60e.py',
]

# The focal loss makes peaks narrower than its targets; Dark reads peaks of any width.
codec = dict(type='Dark', sigma=2, **_base_.heatmap)

base_head = dict(out_channels=_base_.num_landmarks, decoder=codec)
model = dict(head=dict(base_head=base_head))

augmentation = _base_.lcgcn_augmentation
train_pipeline = [
    *augmentation,
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
train_dataloader = dict(batch_size=_base_.batch_size, dataset=dict(pipeline=train_pipeline))
