# 300W: 3148 faces to train, the full set of 689 to test.
_base_ = './face_256x256.py'

dataset_type = 'Face300WDataset'
num_landmarks = 68
scheme = 'ibug'
data_root = 'data/300w/'

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/face_landmarks_300w_train.json',
    )
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='annotations/face_landmarks_300w_valid.json',
    )
)
test_dataloader = val_dataloader

# The first two subsets are of the public test set, which is read here, the others of the private
# one: test_dataloader.dataset.ann_file=annotations/face_landmarks_300w_test.json.
val_evaluator = dict(normalisers=['ocular'])
test_evaluator = dict(
    normalisers=['ocular', 'pupil'],
    subsets=dict(
        common=dict(ann_file='face_landmarks_300w_valid_common.json'),
        challenging=dict(ann_file='face_landmarks_300w_valid_challenge.json'),
        indoor=dict(path='01_Indoor/'),
        outdoor=dict(path='02_Outdoor/'),
    ),
)
