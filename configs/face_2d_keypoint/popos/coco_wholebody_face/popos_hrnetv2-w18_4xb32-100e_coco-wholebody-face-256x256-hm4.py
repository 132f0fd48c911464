_base_ = [
    '../../../_base_/models/fast-hrnetv2-w18_hm4.py',
    '../../../_base_/datasets/coco_wholebody_face_256x256.py',
    '../../../_base_/algorithms/popos.py',
    '../../../_base_/schedules/adam_2e-3_100e.py',
]

codec = dict(type='POPoS', sigma=2, num_anchors=_base_.num_anchors, **_base_.heatmap)

loss = dict(_delete_=True, type='LossSum', losses=[_base_.model.head.loss, _base_.anchor_loss])
model = dict(head=dict(out_channels=_base_.num_landmarks, decoder=codec, loss=loss))

train_pipeline = [
    *_base_.augmentation,
    dict(type='GenerateTarget', encoder=codec),
    dict(type='PackPoseInputs'),
]
train_dataloader = dict(batch_size=_base_.batch_size, dataset=dict(pipeline=train_pipeline))
