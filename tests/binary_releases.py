"""Small raw releases in binary formats, with synthetic faces, for the tests of their readers."""

import json
from pathlib import Path

import cv2
import h5py
import numpy as np
import scipy.io
from mmengine.config import Config
from mmengine.runner import Runner

from mmpose_multilat.datasets.synthetic import generate

SIZE = 96
CONFIGS = Path(__file__).parents[1] / 'configs' / 'face_2d_keypoint'


def faces(count, first=0):
    return [generate(7, first + index, size=SIZE) for index in range(count)]


def cofw_values(face):
    """87 numbers of a face: x, y, occlusion; counted from 1."""
    return np.concatenate([*(face.landmarks['cofw'].T + 1), face.hidden['cofw']])


def cofw_boxes(people):
    return np.array([[10.0 + index, 12, 60, 70] for index in range(len(people))])


def write_cofw_mat(path, people, names, grey=(), values=None, boxes=None, images=None):
    """A MATLAB 7.3 file: HDF5 behind 512 bytes of text, all dimensions reversed."""
    if values is None:
        values = np.stack([cofw_values(face) for face in people])
    boxes = cofw_boxes(people) if boxes is None else boxes
    if images is None:
        images = [face.image[..., ::-1] for face in people]
        for index in grey:
            images[index] = cv2.cvtColor(people[index].image, cv2.COLOR_BGR2GRAY)
    with h5py.File(path, 'w', userblock_size=512) as file:
        cells = [
            file.create_dataset(f'#refs#/{index}', data=image.T)
            for index, image in enumerate(images)
        ]
        references = np.array([[cell.ref for cell in cells]], dtype=h5py.ref_dtype)
        file.create_dataset(names[0], data=references)
        file.create_dataset(names[1], data=values.T)
        file.create_dataset(names[2], data=boxes.T)


TRAIN_NAMES, TEST_NAMES = ('IsTr', 'phisTr', 'bboxesTr'), ('IsT', 'phisT', 'bboxesT')


def write_cofw(folder, train, test, **changes):
    """A release of COFW; the changes apply to its training file."""
    folder.mkdir(parents=True, exist_ok=True)
    write_cofw_mat(folder / 'COFW_train_color.mat', train, TRAIN_NAMES, **changes)
    write_cofw_mat(folder / 'COFW_test_color.mat', test, TEST_NAMES)
    return folder


def write_cofw68(folder, people):
    """The annotations of COFW-68, without pictures."""
    (folder / 'test_annotations').mkdir(parents=True, exist_ok=True)
    for number, face in enumerate(people, start=1):
        scipy.io.savemat(
            folder / 'test_annotations' / f'{number}_points.mat',
            {
                'Points': face.landmarks['ibug'] + 1,
                'Occ': face.hidden['ibug'][None].astype(np.uint8),
            },
        )
    scipy.io.savemat(folder / 'cofw68_test_bboxes.mat', {'bboxes': cofw_boxes(people)})
    return folder


def aflw_variables(people, names):
    """The variables of `AFLWinfo_release.mat`; `ra` takes the faces backwards."""
    cells = np.empty((len(people), 1), dtype=object)
    cells[:, 0] = names
    lows = [np.floor(face.landmarks['aflw'].min(0)) for face in people]
    return {
        'nameList': cells,
        'bbox': np.array([[x, x + 64, y, y + 64] for x, y in lows], dtype=np.int16),
        'data': np.stack([face.landmarks['aflw'].T.ravel() for face in people]),
        'mask_new': np.stack([~face.hidden['aflw'] for face in people]).astype(np.uint8),
        'ra': np.arange(len(people), 0, -1)[None].astype(np.uint16),
    }


def write_aflw(folder, people, place='flickr', **changes):
    """A release of AFLW; a variable given as None is left out."""
    names = [f'{(0, 2, 3)[index % 3]}/image{index:05d}.jpg' for index in range(len(people))]
    for face, name in zip(people, names):
        (folder / place / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / place / name), face.image)
    variables = {**aflw_variables(people, names), **changes}
    variables = {name: value for name, value in variables.items() if value is not None}
    scipy.io.savemat(folder / 'AFLWinfo_release.mat', variables)
    return folder


def wholebody_document(people):
    """A file of COCO-WholeBody: a person with and a person without a face in every picture."""
    images, annotations = [], []
    for index, face in enumerate(people):
        number = 100 + index
        images.append(
            {'id': number, 'file_name': f'{number:012d}.jpg', 'width': SIZE, 'height': SIZE}
        )
        points = face.landmarks['ibug']
        low, high = points.min(0), points.max(0)
        shared = {'image_id': number, 'category_id': 1, 'iscrowd': 0, 'bbox': [0, 0, SIZE, SIZE]}
        flagged = np.column_stack([points, np.ones(68)])
        annotations.append(
            {
                'id': 2 * number,
                'face_valid': True,
                'face_box': [*low, *(high - low)],
                'face_kpts': flagged.ravel().tolist(),
                **shared,
            }
        )
        absent = {'face_valid': False, 'face_box': [0.0] * 4, 'face_kpts': [0.0] * 204}
        annotations.append({'id': 2 * number + 1, **absent, **shared})
    categories = [{'id': 1, 'name': 'person', 'supercategory': 'person'}]
    return {'images': images, 'annotations': annotations, 'categories': categories}


def write_wholebody(folder, train, val):
    for part, people in (('train', train), ('val', val)):
        document = wholebody_document(people)
        for image, face in zip(document['images'], people):
            path = folder / f'{part}2017' / image['file_name']
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), face.image)
        (folder / 'annotations').mkdir(exist_ok=True)
        path = folder / 'annotations' / f'coco_wholebody_{part}_v1.0.json'
        path.write_text(json.dumps(document))
    return folder


def annotations(folder, name):
    """The content of an annotation file of a prepared data set."""
    return json.loads((folder / 'annotations' / name).read_text())


def score_untrained_network(config, data, work):
    """The metrics of a shipped config with random weights on the test faces of a data set."""
    config = Config.fromfile(CONFIGS / config)
    config.merge_from_dict(
        {
            'work_dir': str(work),
            'model.backbone.init_cfg': None,
            'test_dataloader.dataset.data_root': str(data),
            'test_dataloader.num_workers': 0,
            'test_dataloader.persistent_workers': False,
        }
    )
    return Runner.from_cfg(config).test()
