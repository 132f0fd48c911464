"""Decoding in every way, on drawn faces, beside MMPose's own evaluation."""

import json

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.evaluator import Evaluator
from mmengine.runner import Runner
from mmpose.apis import init_model
from mmpose.registry import MODELS
from mmpose.utils import register_all_modules

from mmpose_multilat.codecs import GaussianVector, KeyPosS
from mmpose_multilat.datasets.synthetic import Request, write_data_sets
from mmpose_multilat.multilateration import REFINEMENTS
from projects.gaussian_vector.study import decode
from projects.gaussian_vector.study.options import run_named
from projects.study.run_config import config_text

FACES = 3
SIZES = (256, 256), (8, 8)


@pytest.fixture(scope='module')
def faces(tmp_path_factory):
    """Folder of drawn faces that is laid out as ytf68."""
    root = tmp_path_factory.mktemp('faces')
    write_data_sets(['300w'], str(root), Request(train=1, test=FACES, size=64))
    return root / '300w'


@pytest.fixture(scope='module')
def annotations(faces):
    """Name of an annotation file with `FACES` faces, and its content."""
    for path in sorted((faces / 'annotations').glob('*.json')):
        content = json.loads(path.read_text())
        if len(content['annotations']) == FACES:
            return f'annotations/{path.name}', content['annotations']
    raise AssertionError('no annotation file has all faces')


def prepare(name, faces, annotations, folder):
    """Config and checkpoint of an untrained network."""
    register_all_modules()
    run = run_named(f'{name}_hm8_seed0', 2)
    path = folder / 'config.py'
    path.write_text(config_text(run, faces, folder, 'a test'))
    config = Config.fromfile(path)
    loader = config.test_dataloader
    loader.update(num_workers=0, persistent_workers=False, batch_size=2)
    loader.dataset.update(ann_file=annotations[0])
    config.val_dataloader = loader
    config.work_dir = str(folder / 'work')
    config.dump(path)
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    torch.nn.init.normal_(model.head.final_layer.weight, std=1.0)  # spread over all cells
    checkpoint = folder / 'weights.pth'
    torch.save(dict(state_dict=model.state_dict()), checkpoint)
    return path, checkpoint


def validate(training, *starts):
    """Leave what MMEngine logs of two epochs in every start of a training."""
    for name, *errors in starts:
        log = training / name / 'vis_data' / 'scalars.json'
        log.parent.mkdir(parents=True)
        records = [dict(NME=error, step=epoch) for epoch, error in enumerate(errors, start=1)]
        log.write_text(''.join(json.dumps(each) + '\n' for each in [dict(loss=1), *records]))


def measured(path, checkpoint):
    out = path.parent / 'decoded.json'
    assert decode.main([str(path), str(checkpoint), '--out', str(out)]) == 0
    return json.loads(out.read_text())


def nme_of_mmpose(path, checkpoint):
    """What MMPose's prediction and metric say."""
    config = Config.fromfile(path)
    model = init_model(config, str(checkpoint), device='cpu')
    loader = Runner.build_dataloader(config.test_dataloader)
    evaluator = Evaluator(config.test_evaluator)
    evaluator.dataset_meta = loader.dataset.metainfo
    with torch.no_grad():
        for batch in loader:
            evaluator.process(model.test_step(batch))
    return evaluator.evaluate(len(loader.dataset))['NME']


def outside_by_hand(annotations, padding):
    """Fraction of the landmarks outside the square crop round the box."""
    found = []
    for face in annotations[1]:
        landmarks = np.array(face['keypoints']).reshape(-1, 3)[:, :2]
        places = (landmarks - face['center']) / (200 * face['scale'] * padding) * 256 + 128
        found.append(((places < 0) | (places > 255)).any(-1))
    return np.mean(found)


def test_vectors(faces, annotations, tmp_path):
    path, checkpoint = prepare('unrounded', faces, annotations, tmp_path)
    validate(tmp_path, ('20300101_000000', 0.5, 0.4), ('20300102_000000', 0.4, 0.3))
    found = measured(path, checkpoint)
    # Both epochs were done again after an interruption.
    assert found['nme_by_epoch'] == [dict(epoch=1, nme=0.4), dict(epoch=2, nme=0.3)]
    assert (found['faces'], found['landmarks']) == (FACES, 68)
    assert list(found['nme']) == ['own', *REFINEMENTS]
    assert found['nme']['own'] == pytest.approx(nme_of_mmpose(path, checkpoint), rel=1e-5)
    boxes = {box['padding']: box['outside'] for box in found['boxes']}
    assert boxes == {
        each: pytest.approx(outside_by_hand(annotations, each)) for each in (0.9, 1.25)
    }
    assert boxes[0.9] > 0 and boxes[1.25] == 0
    rows = {(row['padding'], row['decoder'], row['tau']): row for row in found['decoding']}
    assert len(rows) == 2 * (1 + 3 * 5)
    # The codec of the config: exact, and the rule with the height of the label, 1 + theta.
    assert rows[1.25, 'own', None]['nme'] == rows[1.25, 'exact', 4.0]['nme']
    assert rows[1.25, 'own', None]['nme_outside'] is None
    assert rows[0.9, 'exact', None]['nme_outside'] > 0


def test_heatmaps_on_shrunk_boxes(faces, annotations, tmp_path):
    path, checkpoint = prepare('heatmap-padding-0.9', faces, annotations, tmp_path)
    found = measured(path, checkpoint)
    assert [box['padding'] for box in found['boxes']] == [0.9], 'trained like that, no other pass'
    assert found['nme']['two-hot'] == pytest.approx(nme_of_mmpose(path, checkpoint), rel=1e-5)
    assert {row['tau'] for row in found['decoding']} == {None, 1.0}


def test_codecs_keep_what_the_labels_are():
    codec = GaussianVector(*SIZES, theta=1.0, rounded=False, refine='exact', alignment='udp')
    found = decode.codecs_like(codec)
    assert found[decode.OWN, None] is codec
    variant = found['quarter', 3.0]
    assert (variant.theta, variant.rounded, variant.alignment) == (1.0, False, 'udp')
    assert (variant.refine, variant.beyond_box, variant.tau) == ('quarter', True, 3.0)
    assert not found['quarter', None].beyond_box
    heatmaps = decode.codecs_like(KeyPosS(*SIZES))
    assert heatmaps['KeyPosS', 1.0].beyond_box and not heatmaps['one-hot', None].beyond_box
