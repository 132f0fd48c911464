"""Where the files of a prepared data set stand, and what their annotations have to hold."""

from dataclasses import dataclass

COMMON_FIELDS = ('id', 'image_id', 'category_id')
"""Fields that MMPose or the COCO reader beneath it needs in every annotation."""
OPTIONAL_FIELDS = ('iscrowd', 'num_keypoints', 'bbox')
"""Fields that are checked where an annotation has them, needed or not."""


@dataclass(frozen=True)
class PreparedFile:
    """One annotation file of a prepared data set.

    Args:
        name: Its name in the folder `annotations`.
        splits: The disjoint parts of the data set that its faces come from. Files without a
            common part must not share a face: nothing may be trained on that is tested later.
        pictures: What MMPose's `data_prefix` says: the folder that `file_name` starts from, with
            a slash at its end.
        required: Whether the data set is incomplete without it. Some users have no use for the
            subsets or for one half of COCO, or no access to the private test faces.
    """

    name: str
    splits: frozenset[str]
    pictures: str = 'images/'
    required: bool = True


@dataclass(frozen=True)
class PreparedDataSet:
    """What a data set looks like once it is prepared.

    Args:
        folder: Its folder below the root of all data, as MMPose's configs expect it.
        landmarks: Landmarks of a face.
        fields: Fields that MMPose's class reads besides the landmarks and those of every
            annotation.
        files: Its annotation files.
        keypoints: Field of the landmarks: x, y, v of each.
    """

    folder: str
    landmarks: int
    fields: tuple[str, ...]
    files: tuple[PreparedFile, ...]
    keypoints: str = 'keypoints'


def _file(name: str, splits: str, pictures: str = 'images/', required: bool = True) -> PreparedFile:
    return PreparedFile(name, frozenset(splits.split()), pictures, required)


def _square_boxes(
    folder: str, landmarks: int, *files: PreparedFile, further: tuple[str, ...] = ()
) -> PreparedDataSet:
    """A data set whose class takes the box from a centre and a scale."""
    fields = ('num_keypoints', 'center', 'scale', *further)
    return PreparedDataSet(folder, landmarks, fields, files)


_WFLW_SUBSETS = ('largepose', 'expression', 'illumination', 'makeup', 'occlusion', 'blur')

PREPARED: dict[str, PreparedDataSet] = {
    'wflw': _square_boxes(
        'wflw',
        98,
        _file('face_landmarks_wflw_train.json', 'train'),
        _file('face_landmarks_wflw_test.json', 'test'),
        *(
            _file(f'face_landmarks_wflw_test_{subset}.json', 'test', required=False)
            for subset in _WFLW_SUBSETS
        ),
    ),
    '300w': _square_boxes(
        '300w',
        68,
        _file('face_landmarks_300w_train.json', 'train'),
        _file('face_landmarks_300w_valid.json', 'valid'),
        _file('face_landmarks_300w_valid_common.json', 'valid', required=False),
        _file('face_landmarks_300w_valid_challenge.json', 'valid', required=False),
        _file('face_landmarks_300w_test.json', 'test', required=False),
    ),
    'cofw': PreparedDataSet(
        'cofw',
        29,
        ('bbox',),
        (_file('cofw_train.json', 'train'), _file('cofw_test.json', 'test')),
    ),
    'cofw68': _square_boxes('cofw68', 68, _file('cofw68_test.json', 'test')),
    'aflw': _square_boxes(
        'aflw',
        19,
        _file('face_landmarks_aflw_train.json', 'train'),
        _file('face_landmarks_aflw_test.json', 'test'),
        _file('face_landmarks_aflw_test_frontal.json', 'test', required=False),
        further=('box_size',),
    ),
    'coco_wholebody_face': PreparedDataSet(
        'coco',
        68,
        ('face_valid', 'face_box'),
        (
            _file('coco_wholebody_train_v1.0.json', 'train', 'train2017/', required=False),
            _file('coco_wholebody_val_v1.0.json', 'val', 'val2017/', required=False),
        ),
        keypoints='face_kpts',
    ),
    'lapa': PreparedDataSet(
        'LaPa',
        106,
        ('bbox',),
        (
            _file('lapa_train.json', 'train', ''),
            _file('lapa_val.json', 'val', ''),
            _file('lapa_test.json', 'test', ''),
            _file('lapa_trainval.json', 'train val', '', required=False),
        ),
    ),
    'jd_landmark': PreparedDataSet(
        'jd_landmark',
        106,
        ('bbox',),
        (
            _file('jd_landmark_train.json', 'train'),
            _file('jd_landmark_val.json', 'val', required=False),
            _file('jd_landmark_test.json', 'test', required=False),
        ),
    ),
}
"""The data sets that can be checked, by the name that the command line takes."""
