# Tested with the most correlated training face, and what index_references reads.
_base_ = './rht-s_hrnetv2-w18_1xb32-30e_ytf68-256x256-hm16.py'

test_pipeline = [
    *_base_.val_pipeline[:-1],
    dict(
        type='AddReference',
        reference='correlated',
        dataset=_base_.train_dataloader.dataset,
        index='work_dirs/rht_study/references.json',
    ),
    dict(type='PackPoseInputs'),
]
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
