"""Faces keep their identity, and landmarks their scheme, where a pipeline converts landmarks.

A face is its image and id, whatever its landmarks are; the scheme is that of the metainfo of what
is evaluated, never guessed from a number of landmarks or from the annotation file.
"""

import json
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope
from mmengine.structures import InstanceData
from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.registry import DATASETS, METRICS
from torch.utils.data import DataLoader

from mmpose_multilat.analysis import read_batches
from mmpose_multilat.analysis.calibration.residuals import group_of, image_records
from mmpose_multilat.analysis.comparison_report import faces_by_decoder
from mmpose_multilat.evaluation import Predictions
from mmpose_multilat.inference import face_drawing
from mmpose_multilat.inference.boxes import Box
from mmpose_multilat.inference.faces import Face
from mmpose_multilat.landmarks import dataset_of_metainfo, scheme_of_metainfo
from mmpose_multilat.landmarks.schemes import IBUG

EYES = [(36, 45), (39, 42)]
"""Landmarks of 300W whose means are the first two of the five; the first is of none."""

SINGLE = [(36, 0), (45, 1), (30, 2), (48, 3), (54, 4)]
FIVE = [*((pair, place) for place, pair in enumerate(EYES)), (30, 2), (48, 3), (54, 4)]
REVERSED = [(place, 67 - place) for place in range(68)]
CROP = [dict(type='LoadImage'), dict(type='GetBBoxCenterScale')]
CROP += [dict(type='TopdownAffine', input_size=(64, 64)), dict(type='PackPoseInputs')]
FACES = 4


def metainfo_of(count, name, pairs=()):
    """Metainfo as users write it, with some landmarks that change places in the flipped image."""
    swap = {**dict(pairs), **{right: left for left, right in pairs}}
    landmarks = {
        i: dict(name=f'k{i}', id=i, color=[0] * 3, type='', swap=f'k{swap[i]}' if i in swap else '')
        for i in range(count)
    }
    return dict(
        dataset_name=name,
        paper_info={},
        keypoint_info=landmarks,
        skeleton_info={},
        joint_weights=[1.0] * count,
        sigmas=[],
    )


FIVE_POINTS = metainfo_of(5, 'five points', [(3, 4)])
TURNED = metainfo_of(68, '300w', [(67 - left, 67 - right) for left, right in IBUG.flip_pairs])


def write_faces(root, seed, **fields):
    """Two images with two faces each, under the names and ids of every other such dataset."""
    random = np.random.default_rng(seed)
    (root / 'images').mkdir(parents=True)
    (root / 'annotations').mkdir()
    images, faces = [], []
    for image in range(2):
        cv2.imwrite(str(root / 'images' / f'{image}.png'), np.zeros((100, 200, 3), np.uint8))
        images.append(dict(id=image, file_name=f'{image}.png', width=200, height=100, film=seed))
        for side in range(2):
            number, points = len(faces), random.uniform(10, 90, (68, 2)) + (100 * side, 0)
            flags = random.integers(1, 3, 68)
            faces.append(
                dict(
                    id=number,
                    image_id=image,
                    category_id=1,
                    iscrowd=0,
                    area=1.0,
                    bbox=[10 + 100 * side, 10, 80, 80],
                    center=[50 + 100 * side, 50],
                    scale=0.4,
                    num_keypoints=68,
                    keypoints=np.column_stack([points, flags]).ravel().tolist(),
                    **{name: values[number] for name, values in fields.items()},
                )
            )
    content = dict(images=images, annotations=faces, categories=[dict(id=1, name='face')])
    (root / 'annotations' / 'test.json').write_text(json.dumps(content))
    return content


def config_of(root, pipeline, kind='Face300WDataset', **settings):
    about = dict(data_mode='topdown', test_mode=True, serialize_data=False)
    files = dict(ann_file='annotations/test.json', data_prefix=dict(img='images/'))
    return dict(type=kind, data_root=str(root), pipeline=pipeline, **files, **{**about, **settings})


def converted(*roots, mapping=FIVE, metainfo=FIVE_POINTS):
    """The faces of some folders in another scheme."""
    init_default_scope('mmpose')
    step = dict(type='KeypointConverter', num_keypoints=len(mapping), mapping=mapping)
    parts = [config_of(root, [step]) for root in roots]
    return DATASETS.build(
        dict(type='CombinedDataset', metainfo=metainfo, datasets=parts, pipeline=CROP)
    )


def answers(dataset, error=1.0):
    """The samples of a dataset, each landmark predicted an error in px to the right."""
    samples = []
    for item in map(dataset.__getitem__, range(len(dataset))):
        sample = item['data_samples']
        known = sample.gt_instances
        found = np.asarray(known.keypoints) + (error, 0)
        scores = np.ones(found.shape[:2])
        sample.pred_instances = InstanceData(keypoints=found, keypoint_scores=scores)
        samples.append(sample.to_dict())
    return samples


def metric_of(dataset, **settings):
    metric = METRICS.build(dict(type='FaceAlignmentMetric', **settings))
    metric.dataset_meta = dataset.metainfo
    return metric


def evaluated(dataset, **settings):
    """Members of the subsets by name, and the metrics."""
    metric = metric_of(dataset, **settings)
    metric.process(None, answers(dataset))
    members = metric.gather(metric.results).subsets
    numbers = metric.evaluate(len(dataset))
    return {name: np.flatnonzero(each).tolist() for name, each in members.items()}, numbers


@pytest.fixture
def root(tmp_path):
    """A dataset whose subset file numbers images and faces anew."""
    content = write_faces(tmp_path / 'a', 0, pose=[0, 1, 1, 0])
    chosen = [content['annotations'][face] for face in (1, 2)]
    anew = [dict(face, id=70 + i, image_id=face['image_id'] + 7) for i, face in enumerate(chosen)]
    images = [dict(image, id=image['id'] + 7) for image in content['images']]
    folder = tmp_path / 'a' / 'annotations'
    (folder / 'subset.json').write_text(json.dumps(dict(images=images, annotations=anew)))
    lines = [
        f'{" ".join(str(x) for i, x in enumerate(face["keypoints"]) if i % 3 < 2)} {name}.png'
        for face, name in zip(chosen, '01')
    ]
    (folder / 'list.txt').write_text('\n'.join(lines))
    return tmp_path / 'a'


RULES = dict(
    field=dict(field='pose', equals=1),
    file=dict(ann_file='subset.json'),
    list=dict(list_file='list.txt'),
)
SCHEMES = [(FIVE, FIVE_POINTS), (REVERSED, TURNED)]
ENDS = dict(eyes=(0, 1))


@pytest.mark.parametrize('mapping, metainfo', SCHEMES)
def test_subsets(root, mapping, metainfo):
    dataset = converted(root, mapping=mapping, metainfo=metainfo)
    found, numbers = evaluated(dataset, subsets=RULES, **ENDS)
    assert found == dict.fromkeys(RULES, [1, 2])
    assert numbers['field/faces'] == 2


def test_a_pipeline_of_a_plain_dataset_converts_too(root):
    init_default_scope('mmpose')
    step = dict(type='KeypointConverter', num_keypoints=5, mapping=SINGLE)
    dataset = DATASETS.build(config_of(root, [step, *CROP], metainfo=FIVE_POINTS))
    assert evaluated(dataset, subsets=RULES, **ENDS)[0] == dict.fromkeys(RULES, [1, 2])


@pytest.mark.parametrize('kinds', [('300w', 'other'), ('300w', '300w')])
def test_images_of_one_name_in_two_data_sets(root, tmp_path, kinds):
    """Both have images 0.png and 1.png and faces 0 to 3."""
    write_faces(tmp_path / 'b', 1, pose=[1, 0, 0, 0])
    init_default_scope('mmpose')
    step = dict(type='KeypointConverter', num_keypoints=5, mapping=FIVE)
    parts = [
        config_of(folder, [step], metainfo=metainfo_of(68, name))
        for folder, name in zip((root, tmp_path / 'b'), kinds)
    ]
    dataset = DATASETS.build(
        dict(type='CombinedDataset', metainfo=FIVE_POINTS, datasets=parts, pipeline=CROP)
    )
    files = [str(part.ann_file) for part in dataset.datasets]
    named = dict(ann_file=files) if kinds[0] == kinds[1] else {}  # MMPose notes one for each name
    found, _ = evaluated(dataset, subsets=RULES, **ENDS, **named)
    assert found == dict(field=[1, 2, FACES], file=[1, 2], list=[1, 2])


def test_ids_and_images_count_where_no_annotation_is_known(root):
    """A dataset that is not in test mode notes no annotation file."""
    init_default_scope('mmpose')
    step = dict(type='KeypointConverter', num_keypoints=5, mapping=SINGLE)
    config = config_of(root, [step, *CROP], metainfo=metainfo_of(5, 'unnoted'), test_mode=False)
    subsets = dict(it=dict(ann_file=str(root / 'annotations' / 'test.json')))
    found, _ = evaluated(DATASETS.build(config), subsets=subsets, **ENDS)
    assert found == dict(it=list(range(FACES)))


def test_normalisers_and_parts_are_those_of_the_scheme(root):
    """The same number of landmarks, the same name, another order: nothing of 300W counts."""
    dataset = converted(root, mapping=REVERSED, metainfo=TURNED)
    with pytest.raises(ValueError, match="eyes of dataset '300w' with 68 landmarks.*not known"):
        evaluated(dataset)
    assert not [key for key in evaluated(dataset, parts=True, **ENDS)[1] if 'mouth' in key]
    same = [(67 - place, place) for place in range(68)]
    plain = converted(root, mapping=[(i, i) for i in range(68)], metainfo=_300w())
    corners = tuple(place for place, source in same if source in (36, 45))
    turned = evaluated(dataset, eyes=corners)[1]
    assert turned['NME_ocular'] == pytest.approx(evaluated(plain)[1]['NME_ocular'])


def _300w():
    return dict(from_file='configs/_base_/datasets/300w.py')


def test_predictions_carry_their_scheme(root, tmp_path):
    file = str(tmp_path / 'faces.npz')
    dataset = converted(root, mapping=REVERSED, metainfo=TURNED)
    evaluated(dataset, outfile=file, eyes=(0, 1))
    scheme = Predictions.load(file).scheme
    assert (scheme.eyes, scheme.curves, scheme.parts) == (((0,), (1,)), {}, {})
    plain = converted(root, mapping=[(i, i) for i in range(68)], metainfo=_300w())
    evaluated(plain, outfile=file)
    assert Predictions.load(file).scheme == IBUG


def test_flags_of_other_landmarks_say_nothing(root, caplog):
    """Also where there are as many of them."""
    plain = converted(root, mapping=[(i, i) for i in range(68)], metainfo=_300w())
    _, numbers = evaluated(plain, occlusion=True)
    assert {'NME_ocular_visible', 'NME_ocular_occluded'} <= {key.split('/')[-1] for key in numbers}
    metric = metric_of(converted(root, mapping=REVERSED, metainfo=TURNED), occlusion=True, **ENDS)
    metric.process(None, answers(converted(root, mapping=REVERSED, metainfo=TURNED)))
    assert metric.gather(metric.results).occluded is None


def test_metainfo_names_the_scheme():
    known = parse_pose_metainfo(_300w())
    assert dataset_of_metainfo(known, 68).scheme is IBUG
    assert dataset_of_metainfo(known, 98).scheme.eyes is None
    turned = parse_pose_metainfo(TURNED)
    for scheme in (dataset_of_metainfo(turned, 68).scheme, scheme_of_metainfo(turned, 68)):
        assert scheme.flip_indices == tuple(turned['flip_indices'])
        assert (scheme.eyes, scheme.parts, scheme.outlines) == (None, {}, ())
    mine = parse_pose_metainfo(metainfo_of(68, 'mine', IBUG.flip_pairs))
    assert scheme_of_metainfo(mine, 68) is IBUG
    assert dataset_of_metainfo(mine, 68).scheme.eyes is None  # by whose distance nobody has said
    silent = parse_pose_metainfo(metainfo_of(68, 'silent'))
    assert scheme_of_metainfo(silent, 68).outlines == ()


def test_drawn_lines_are_those_of_the_scheme(monkeypatch):
    lines = []
    monkeypatch.setattr(face_drawing, 'draw_face', lambda *given: lines.append(given[-1].outlines))
    image, face = (
        np.zeros((9, 9, 3), np.uint8),
        Face(Box(0, 0, 9, 9), np.zeros((68, 2)), np.ones(68)),
    )
    for metainfo in (_300w(), TURNED):
        face_drawing.draw_faces(image, [face], parse_pose_metainfo(metainfo))
    assert lines == [IBUG.outlines, ()]


def test_landmarks_without_label_are_not_drawn():
    """Those of the target scheme that no landmark is converted to lie at (0, 0)."""
    image, true = np.zeros((200, 200, 3), np.uint8), np.full((3, 2), 120.0) + np.eye(3, 2) * 20
    pages = []
    for place, labelled in ((0.0, [1, 1, 1, 0]), (60.0, [1, 1, 1, 0]), (60.0, [1, 1, 1, 1])):
        points = np.concatenate([true, [[place, place]]])
        face = SimpleNamespace(
            path='image.png', true=points, predicted=dict(a=points), labelled=np.array(labelled) > 0
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(cv2, 'imread', lambda path: image)
            pages.append(faces_by_decoder([face]))
    assert (pages[0] == pages[1]).all() and (pages[1] != pages[2]).any()


def test_a_test_set_may_have_other_landmarks_than_its_metainfo(root):
    """A converter in the pipeline of a dataset whose metainfo stays that of the source."""
    init_default_scope('mmpose')
    step = dict(type='KeypointConverter', num_keypoints=5, mapping=FIVE)
    dataset = DATASETS.build(config_of(root, [step, *CROP]))
    loader = DataLoader(dataset, batch_size=2, collate_fn=pseudo_collate)
    assert len(list(read_batches(loader))) == FACES // 2


def test_groups_are_those_of_the_image(root, tmp_path):
    """Images of two datasets have the same ids and names."""
    write_faces(tmp_path / 'b', 1)
    dataset = converted(root, tmp_path / 'b')
    records = image_records(dataset)
    samples = (dataset[i]['data_samples'] for i in range(2 * FACES))
    groups = [group_of(sample, records, 'film') for sample in samples]
    assert groups == ['0'] * FACES + ['1'] * FACES
