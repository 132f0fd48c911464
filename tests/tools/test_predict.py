"""The tool from the command line to its files, with synthetic faces and an untrained network."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from mmpose.apis import MMPoseInferencer
from mmpose.registry import MODELS

from mmpose_multilat.datasets.synthetic import Request, generate, write_data_sets
from mmpose_multilat.inference.torch_network import TorchNetwork
from mmpose_multilat.tools.predict import main
from mmpose_multilat.tools.result_folder import claimed, fcntl

ROOT = Path(__file__).parents[2]
BASE = ROOT / 'configs/face_2d_keypoint/popos/300w/popos_hrnetv2-w18_4xb32-100e_300w-256x256-hm4.py'
FRAMES = 5


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A config, its checkpoint, four test faces of a dataset, and a film of one face."""
    init_default_scope('mmpose')
    folder = tmp_path_factory.mktemp('predict')
    write_data_sets(['300w'], str(folder / 'data'), Request(train=1, test=4, size=128))
    (folder / 'small.py').write_text(
        f"_base_ = '{BASE}'\n"
        f'test_dataloader = dict(batch_size=4, num_workers=0, persistent_workers=False,\n'
        f"    dataset=dict(data_root='{folder / 'data' / '300w'}'))\n"
        # MMPose's inferencer asks for it.
        # The heatmaps of an untrained network are noise, of which decoders that solve equations
        # make much out of the last digits.
        'model = dict(backbone=dict(init_cfg=None), head=dict(decoder=dict(_delete_=True,\n'
        "    type='TwoHot', input_size=(256, 256), heatmap_size=(4, 4))))\n"
    )
    torch.manual_seed(0)
    model = MODELS.build(Config.fromfile(folder / 'small.py').model)
    torch.nn.init.normal_(model.head.final_layer.weight)
    torch.save(dict(state_dict=model.state_dict()), folder / 'small.pth')
    write_film(folder / 'film.mp4')
    return folder


def write_film(path):
    """A face that moves by 2 px a frame, 10 frames a second."""
    face = generate(0, 3, 'test', 160).image
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'mp4v'), 10.0, (200, 160))
    for index in range(FRAMES):
        frame = np.full((160, 200, 3), 90, np.uint8)
        frame[:, 2 * index : 2 * index + 160] = face
        writer.write(frame)
    writer.release()


def network(folder):
    return ['--config', str(folder / 'small.py'), '--checkpoint', str(folder / 'small.pth')]


def lines_of(out):
    return [
        json.loads(line) for line in (out / 'predictions.jsonl').read_text('utf-8').splitlines()
    ]


def files_of(out):
    return sorted(path.relative_to(out).as_posix() for path in out.rglob('*') if path.is_file())


def frames_of(path):
    capture, count = cv2.VideoCapture(str(path)), 0
    while capture.read()[0]:
        count += 1
    return count


def found_by_mim_test(folder, **options):
    """What MMEngine's test loop predicts: box [x, y, w, h] and landmarks by file."""
    config = Config.fromfile(folder / 'small.py')
    config.merge_from_dict({f'model.{name}': value for name, value in options.items()})
    config.work_dir, config.load_from = str(folder / 'work'), str(folder / 'small.pth')
    runner = Runner.from_cfg(config)
    runner.load_or_resume()
    runner.model.eval()
    found = {}
    for batch in runner.test_dataloader:
        for sample in runner.model.test_step(batch):
            left, top, right, bottom = sample.gt_instances.bboxes[0].tolist()
            box = [left, top, right - left, bottom - top]
            found[sample.metainfo['img_path']] = box, sample.pred_instances
    return found


@pytest.mark.parametrize('batch_size', [1, 3])
def test_landmarks_are_those_of_mim_test(folder, tmp_path, batch_size):
    expected = found_by_mim_test(folder)
    boxes = tmp_path / 'boxes.json'
    boxes.write_text(json.dumps({Path(name).name: [box] for name, (box, _) in expected.items()}))
    words = [*expected, *network(folder), '--boxes', str(boxes), '--out', str(tmp_path / 'out')]
    assert main([*words, '--batch-size', str(batch_size)]) == 0
    lines = lines_of(tmp_path / 'out')
    assert [line['file'] for line in lines] == list(expected)
    for line, (box, answer) in zip(lines, expected.values()):
        (face,) = line['faces']
        np.testing.assert_allclose(face['box'], box, atol=1e-3)
        np.testing.assert_allclose(face['keypoints'], answer.keypoints[0], atol=2e-3)
        np.testing.assert_allclose(face['scores'], answer.keypoint_scores[0], atol=1e-3)


def test_covariances_are_those_of_mim_test(folder, tmp_path):
    options = dict(type='MultilaterationPoseEstimator')
    options['head.decoder.type'] = 'GaussianMLE'
    options['test_cfg.flip_test'] = False
    expected = found_by_mim_test(folder, **options, **{'test_cfg.output_covariances': True})
    boxes = tmp_path / 'boxes.json'
    boxes.write_text(json.dumps({Path(name).name: [box] for name, (box, _) in expected.items()}))
    words = [*expected, *network(folder), '--boxes', str(boxes), '--batch-size', '4']
    words += ['--cfg-options', *(f'model.{name}={value}' for name, value in options.items())]
    for extra in ([], ['--covariances']):
        out = tmp_path / f'out{len(extra)}'
        assert main([*words, '--draw', '--out', str(out), *extra]) == 0
    assert 'covariances' not in lines_of(tmp_path / 'out0')[0]['faces'][0]
    for line, (_, answer) in zip(lines_of(tmp_path / 'out1'), expected.values()):
        (face,) = line['faces']
        found = np.array(face['covariances'], np.float64)
        assert found.shape == (68, 2, 2)
        np.testing.assert_array_equal(found, found.swapaxes(1, 2))
        np.testing.assert_array_equal(np.isnan(found).any((-2, -1)), np.array(face['scores']) == 0)
        # Of noise decoders make much out of the last digits.
        close = np.isclose(found, answer.keypoint_covariances[0], rtol=0.01, equal_nan=True)
        assert close.mean() > 0.9
    plain, drawn = (
        cv2.imread(str(next((tmp_path / name / 'drawn').rglob('*.jpg'))))
        for name in ('out0', 'out1')
    )
    assert (plain != drawn).any()


def test_everything_at_once(folder, tmp_path, capsys):
    """A folder with all kinds of files, a film, a detector, drawings, smoothing."""
    mixed = tmp_path / 'ä 顔'
    mixed.mkdir()
    faces = [generate(0, index, 'test', 160).image for index in (3, 7)]
    cv2.imencode('.png', np.hstack(faces))[1].tofile(mixed / 'two.png')
    (mixed / 'half.jpg').write_bytes(cv2.imencode('.jpg', faces[0])[1].tobytes()[:3000])
    cv2.imencode('.png', np.zeros((1, 1), np.uint16))[1].tofile(mixed / 'dot.png')
    (mixed / 'text.jpg').write_text('hello')
    (mixed / 'notes.txt').write_text('hello')
    (mixed / 'empty.mp4').write_bytes(b'')
    out = tmp_path / 'out'
    words = [str(mixed), str(folder / 'film.mp4'), *network(folder), '--out', str(out)]
    assert main([*words, '--draw', '--smooth', '--batch-size', '2']) == 1
    printed = capsys.readouterr()
    assert printed.err.count('skipped /') == 3 and '3 skipped or doubtful, see above' in printed.err
    lines = lines_of(out)
    assert [(Path(line['file']).name, line['frame']) for line in lines] == [
        ('dot.png', None),
        ('two.png', None),
        *(('film.mp4', index) for index in range(FRAMES)),
    ]
    assert [len(line['faces']) for line in lines] == [0, 2] + [1] * FRAMES
    assert 'track' not in lines[1]['faces'][0] and lines[1]['faces'][0]['box_score'] > 0
    for index, line in enumerate(lines[2:]):
        (face,) = line['faces']
        assert line['time'] == pytest.approx(index / 10, abs=1e-3) and face['track'] == 0
        assert np.shape(face['smoothed']) == np.shape(face['keypoints']) == (68, 2)
    drawn = [name for name in files_of(out) if name.startswith('drawn/')]
    assert [Path(name).name for name in drawn] == ['film.mp4', 'dot.png', 'two.png']
    assert frames_of(out / drawn[0]) == FRAMES
    two = cv2.imdecode(np.fromfile(out / drawn[2], np.uint8), cv2.IMREAD_COLOR)
    assert two.shape == (160, 320, 3) and (two != np.hstack(faces)).any()


def test_the_same_again_gives_the_same_file(folder, tmp_path):
    contents = []
    for batch_size in ('2', '2'):
        out = tmp_path / str(len(contents))
        words = [str(folder / 'film.mp4'), *network(folder), '--out', str(out)]
        assert main([*words, '--box', 'whole', '--batch-size', batch_size]) == 0
        contents.append((out / 'predictions.jsonl').read_bytes())
    assert contents[0] == contents[1]


def test_earlier_results_are_not_replaced_by_accident(folder, tmp_path, capsys):
    words = [str(folder / 'film.mp4'), *network(folder), '--out', str(tmp_path), '--box', 'whole']
    assert main([*words, '--max-frames', '2']) == 0
    assert main(words) == 2
    assert 'predictions.jsonl exists; add --overwrite' in capsys.readouterr().err
    assert len(lines_of(tmp_path)) == 2
    assert main([*words, '--overwrite']) == 0
    assert len(lines_of(tmp_path)) == FRAMES


@pytest.mark.skipif(fcntl is None, reason='Windows has no such locks')
@pytest.mark.parametrize('extra', [[], ['--overwrite']])
def test_a_folder_that_another_process_writes_to_is_refused(folder, tmp_path, capsys, extra):
    words = [str(folder / 'film.mp4'), *network(folder), '--out', str(tmp_path), '--box', 'whole']
    with claimed(tmp_path):
        assert main([*words, *extra]) == 2
    assert f'is writing its results to --out {tmp_path}' in capsys.readouterr().err
    assert files_of(tmp_path) == []
    assert main(words) == 0


def test_a_network_that_finds_nothing_is_named(folder, tmp_path, capsys, monkeypatch):
    """Its weights are finite, its output is not: half precision overflows, for example."""
    monkeypatch.setattr(torch.nn.BatchNorm2d, 'forward', lambda self, x: x * float('nan'))
    words = [str(folder / 'film.mp4'), *network(folder), '--out', str(tmp_path), '--box', 'whole']
    assert main(words) == 1
    said = f'in {FRAMES} faces no landmark has a score above 0, first in '
    assert said in capsys.readouterr().err
    assert len(lines_of(tmp_path)) == FRAMES


def test_doubtful_faces_are_dropped(folder, tmp_path):
    words = [str(folder / 'film.mp4'), *network(folder), '--out', str(tmp_path), '--box', 'whole']
    assert main([*words, '--max-frames', '1', '--min-score', '1e9']) == 0
    (line,) = lines_of(tmp_path)
    assert line['faces'] == []


def test_defaults_of_options_are_shown(capsys):
    with pytest.raises(SystemExit):
        main(['--help'])
    text = ' '.join(capsys.readouterr().out.split())
    for name, default in (
        ('--min-cutoff', 'with --smooth; default: 1.0'),
        ('--beta', 'with --smooth; default: 20.0'),
        ('--derivative-cutoff', 'with --smooth; default: 1.0'),
        ('--detector-labels', 'default: 0'),
        ('--detector-threshold', 'default: 0.3'),
    ):
        _, _, after = text.rpartition(f'{name} ')
        assert f'({default})' in after[:200]


def test_ctrl_c_leaves_what_was_written_valid(folder, tmp_path, monkeypatch, capsys):
    calls, call = [], TorchNetwork.__call__

    def interrupted(self, crops):
        calls.append(len(crops))
        if len(calls) == 4:  # the first is the trial before anything is written
            raise KeyboardInterrupt
        return call(self, crops)

    monkeypatch.setattr(TorchNetwork, '__call__', interrupted)
    words = [str(folder / 'film.mp4'), *network(folder), '--out', str(tmp_path), '--draw']
    assert main([*words, '--box', 'whole', '--batch-size', '1']) == 130
    assert files_of(tmp_path) == ['drawn/film.mp4', 'predictions.jsonl']
    assert [line['frame'] for line in lines_of(tmp_path)] == [0, 1]
    assert frames_of(tmp_path / 'drawn' / 'film.mp4') == 2
    assert 'interrupted' in capsys.readouterr().err


def test_a_failure_keeps_earlier_results(folder, tmp_path, monkeypatch):
    words = [str(folder / 'film.mp4'), *network(folder), '--out', str(tmp_path), '--draw']
    words += ['--box', 'whole', '--batch-size', '1']
    assert main(words) == 0
    contents = {name: (tmp_path / name).read_bytes() for name in files_of(tmp_path)}
    calls, call = [], TorchNetwork.__call__

    def failing(self, crops):
        calls.append(len(crops))
        if len(calls) == 4:
            raise RuntimeError('out of memory')
        return call(self, crops)

    monkeypatch.setattr(TorchNetwork, '__call__', failing)
    with pytest.raises(RuntimeError, match='out of memory'):
        main([*words, '--overwrite'])
    assert {name: (tmp_path / name).read_bytes() for name in contents} == contents


def test_boxes_that_cannot_be_used_are_reported(folder, tmp_path, capsys):
    boxes = tmp_path / 'boxes.json'
    boxes.write_text('{"film.mp4": [[0, 0, 0, 5], [900, 0, 9, 9], [10, 10, 140, 140]]}')
    words = [str(folder / 'film.mp4'), *network(folder), '--boxes', str(boxes), '--max-frames', '1']
    assert main([*words, '--out', str(tmp_path / 'out')]) == 1
    printed = capsys.readouterr().err
    assert 'skipped box 0 of ' in printed and 'film.mp4, frame 0: [0, 0, 0, 5] is empty' in printed
    assert 'lies outside the image of 200 x 160 px' in printed and '2 skipped' in printed
    (line,) = lines_of(tmp_path / 'out')
    assert [face['box'] for face in line['faces']] == [[10, 10, 140, 140]]


@pytest.mark.parametrize(
    'words, message',
    [
        (['nowhere.jpg', '{network}'], 'nowhere.jpg does not exist'),
        (['{film}'], 'name the network: --config and --checkpoint, or --model'),
        (['{film}', '--config', '{config}'], 'name the network'),
        (['{film}', '--config', 'no.py', '--checkpoint', 'no.pth'], 'config no.py does not exist'),
        (
            ['{film}', '--config', '{config}', '--checkpoint', 'no.pth'],
            'checkpoint no.pth does not',
        ),
        (['{film}', '--config', '{config}', '--checkpoint', '{film}'], 'is no checkpoint'),
        (['{film}', '--model', 'no.onnx', '{network}'], '--model is a whole network; leave --conf'),
        (['{film}', '{network}', '--batch-size', '0'], '--batch-size 0 must be at least 1'),
        (['{film}', '{network}', '--max-frames', '0'], '--max-frames 0 must be at least 1'),
        (['{film}', '{network}', '--device', 'nonsense'], '--device nonsense: '),
        (['{film}', '{network}', '--covariances'], 'is TwoHot, which tells no covariances; decode'),
        (['{film}', '{network}', '--smooth', '--min-cutoff', '0'], 'min_cutoff must be above 0'),
        (['{film}', '{network}', '--out', '{config}'], 'cannot be a folder'),
        (['{film}', '{network}', '--boxes', 'no.json'], '--boxes no.json cannot be read'),
        (['{film}', '{network}', '--boxes', 'b', '--box', 'whole'], '--boxes and --box exclude'),
        (['{film}', '{network}', '--detector-checkpoint', 'd'], 'needs --detector-config'),
        (['{film}', '{network}', '--detector-labels', '0'], '--detector-labels needs --detector-c'),
        (['{film}', '{network}', '--detector-threshold', '0'], '--detector-threshold needs --det'),
        (['{film}', '{network}', '--min-cutoff', '1'], '--min-cutoff needs --smooth'),
        (['{film}', '{network}', '--beta', '0'], '--beta needs --smooth'),
        (['{film}', '{network}', '--derivative-cutoff', '1'], '--derivative-cutoff needs --smooth'),
        (['{film}', '{network}', '--min-score', 'nan'], '--min-score nan must be a finite number'),
        (['{film}', '{network}', '--detector-threshold', 'nan'], '--detector-threshold nan must'),
        (['99999999999', '{network}'], '99999999999 is no file, and as index of a webcam above'),
        (['{film}', '--config', '{film}', '--checkpoint', 'c'], 'film.mp4 cannot be read: OSErr'),
        (
            ['{film}', '{network}', '--cfg-options', 'model.head.decoder.type=Nope'],
            'the model of the config cannot be built: KeyError: ',
        ),
        (
            ['{film}', '{network}', '--cfg-options', 'model.head.decoder.heatmap_size=(8,8)'],
            'does not fit its codec or its crops: ValueError: TwoHot was built for heatmap_size=(8',
        ),
        (
            [
                *('{film}', '{network}', '--cfg-options'),
                'test_dataloader.dataset.pipeline.2.input_size=(100,100)',
            ],
            'the network of the config does not fit its codec or its crops: ',
        ),
        (['{film}', '{network}', '--detector-config', 'd.py'], '--detector-config needs --detect'),
        (
            [
                *('{film}', '{network}'),
                *('--detector-config', 'd.py', '--detector-checkpoint', 'd'),
            ],
            "the detector's config d.py does not exist",
        ),
        (
            ['{film}', '{network}', '--cfg-options', 'test_dataloader.dataset.pipeline=None'],
            'has no test_dataloader.dataset.pipeline',
        ),
    ],
)
def test_mistakes_are_explained(folder, tmp_path, capsys, words, message):
    places = dict(film=folder / 'film.mp4', config=folder / 'small.py')
    written = []
    for word in words:
        written += network(folder) if word == '{network}' else [word.format(**places)]
    written += [] if '--out' in words else ['--out', str(tmp_path / 'out')]
    assert main(written) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / 'out').exists()


def test_mmpose_inferencer_takes_our_config(folder):
    """MMPose's own way to predict gives what MMPose's `inference_topdown` gives."""
    image = sorted((folder / 'data' / '300w').rglob('*.jpg'))[0]
    inferencer = MMPoseInferencer(
        pose2d=str(folder / 'small.py'),
        pose2d_weights=str(folder / 'small.pth'),
        det_model='whole_image',
        device='cpu',
    )
    inferencer.inferencer.show_progress = False
    (answer,) = inferencer(str(image), return_vis=True)
    (face,) = answer['predictions'][0]
    assert np.shape(face['keypoints']) == (68, 2)
    assert answer['visualization'][0].shape == cv2.imread(str(image)).shape
    out = folder / 'whole'
    assert main([str(image), *network(folder), '--box', 'whole', '--out', str(out)]) == 0
    (line,) = lines_of(out)
    np.testing.assert_allclose(line['faces'][0]['keypoints'], face['keypoints'], atol=2e-3)
