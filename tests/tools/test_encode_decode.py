import json

import numpy as np
import pytest

from mmpose_multilat.analysis.encoding.records import load
from mmpose_multilat.tools.encode_decode import main


def write_annotations(path, keypoints):
    low, high = np.nanmin(keypoints, 1), np.nanmax(keypoints, 1)
    np.savez(path, keypoints=keypoints, bbox=np.concatenate((low, high - low), 1))
    return str(path)


def some_faces():
    keypoints = np.random.default_rng(0).uniform(100, 300, (5, 68, 2))
    keypoints[:, 36], keypoints[:, 45] = (150, 160), (250, 160)
    return keypoints


@pytest.fixture
def annotations(tmp_path):
    return write_annotations(tmp_path / 'faces.npz', some_faces())


def table_rows(text):
    """Cells by label; of several tables the last counts."""
    lines = [line for line in text.splitlines() if line[:1] == '|' and '--' not in line]
    cells = [[cell.strip() for cell in line.strip('|').split('|')] for line in lines]
    return {label: row for label, *row in cells}


def errors_of(path, size=16):
    encoding = load(path)
    return {label: encoding.result(label, size).metrics for label in encoding.decoders}


def test_table(annotations, capsys):
    assert main([annotations, '--sizes', '16', '8']) == 0
    text = capsys.readouterr().out
    assert '* 5 faces of faces.npz, 68 landmarks' in text
    rows = table_rows(text)
    errors = {label: [float(cell) for cell in rows[label]] for label in list(rows)[1:]}
    for exact in ('KeyPosS kernel_size=2', 'POPoS solver=exact', 'GaussianMLE'):
        assert errors[exact] == [0, 0]
    # One-hot errs by 0.383 cells on average, 6.1 and 12.2 px, over 102 px between the eyes: boxes
    # of about 200 px become 204.8 px.
    assert errors['one-hot'] == pytest.approx([0.0598, 0.1197], rel=0.1)


def test_windows_that_do_not_fit_are_marked(annotations, capsys):
    assert main([annotations, '--sizes', '16', '4']) == 0
    rows = table_rows(capsys.readouterr().out)
    assert rows['KeyPosS kernel_size=4'] == ['0.0000', '0.0000']
    assert rows['KeyPosS kernel_size=5'] == rows['KeyPosS kernel_size=6'] == ['0.0000', '-']


def test_chosen_decoders(annotations, capsys):
    words = ['--decoders', 'popos:num_anchors=25', 'DARK', '--sizes', '16', '4']
    assert main([annotations, *words]) == 0
    rows = table_rows(capsys.readouterr().out)
    assert list(rows) == ['decoder', 'POPoS num_anchors=25', 'DARK']
    assert rows['POPoS num_anchors=25'] == ['0.0000', '-']


def test_file_of_numbers(annotations, tmp_path, capsys, quick_times):
    out = tmp_path / 'new' / 'numbers.json'
    words = [annotations, '--decoders', 'one-hot', '--sizes', '16', '--out', str(out)]
    assert main([*words, '--noise', '0.05', '--alignment', 'udp', '--time']) == 0
    assert f'Written: {out}' in capsys.readouterr().out
    encoding = load(out)
    assert encoding.command.startswith('python -m mmpose_multilat.tools.encode_decode ')
    assert (encoding.annotations, encoding.faces, encoding.landmarks) == ('faces.npz', 5, 68)
    assert (encoding.noise, encoding.alignment, encoding.sigma) == (0.05, 'udp', 2)
    assert encoding.versions['mmpose_multilat'] and encoding.date.startswith('20')
    (result,) = encoding.results
    assert (result.decoder, result.codec, result.heatmap_size) == ('one-hot', 'OneHot', 16)
    assert result.timing.ms_per_face > 0
    assert list(json.loads(out.read_text()))[0] == 'format'


def test_times_are_printed_for_every_decoder_that_fits(annotations, capsys, quick_times):
    words = ['--decoders', 'one-hot', 'KeyPosS:kernel_size=5', '--sizes', '8', '4', '--time']
    assert main([annotations, *words, '--batch-size', '2']) == 0
    text = capsys.readouterr().out
    assert 'batches of 2:' in text
    rows = table_rows(text)
    assert float(rows['one-hot'][0]) > 0 and rows['KeyPosS kernel_size=5'][1] == '-'


def test_normalisers_against_hand_written_distances(annotations, tmp_path):
    out = tmp_path / 'numbers.json'
    words = ['--normaliser', 'ocular', 'pupil', 'box_tight', 'box_side']
    assert main([annotations, '--decoders', 'one-hot', *words, '--out', str(out)]) == 0
    found = errors_of(out)['one-hot']
    keypoints = some_faces()
    # The mean error in px of each face, divided by lengths computed here.
    size = keypoints.max(1) - keypoints.min(1)
    eyes = keypoints[:, 36:42].mean(1), keypoints[:, 42:48].mean(1)
    lengths = dict(
        ocular=100,
        pupil=np.linalg.norm(eyes[0] - eyes[1], axis=1),
        box_tight=np.sqrt(size.prod(1)),
        box_side=size.max(1),
    )
    for name, length in lengths.items():
        expected = np.mean(one_hot_errors(keypoints) / length)
        assert found[f'NME_{name}'] == pytest.approx(expected, rel=1e-4)


def one_hot_errors(keypoints, cells=16):
    """Mean distance in px of each face's landmarks to the nearest cells; cell j stands at 16 j."""
    low, high = np.nanmin(keypoints, 1), np.nanmax(keypoints, 1)
    scale = 256 / (1.25 * (high - low).max(1))[:, None, None]
    places = ((keypoints - (low + high)[:, None] / 2) * scale + 128) / (256 / cells)
    nearest = np.clip(np.rint(places), 0, cells - 1)
    distances = np.linalg.norm(nearest - places, axis=2) * (256 / cells)
    return np.nanmean(distances, 1) / scale[:, 0, 0]


def test_landmarks_that_are_not_annotated_do_not_count(tmp_path, capsys):
    keypoints = some_faces()
    keypoints[0, 5:20] = np.nan
    keypoints[1, 36] = np.nan  # no inter-ocular distance
    path = write_annotations(tmp_path / 'faces.npz', keypoints)
    out = tmp_path / 'numbers.json'
    words = ['--decoders', 'one-hot', 'KeyPosS', '--normaliser', 'ocular', 'box_tight']
    assert main([path, *words, '--out', str(out)]) == 0
    assert '1 faces for which this is undefined are left out' in capsys.readouterr().out
    found = errors_of(out)
    assert (found['KeyPosS']['undefined_ocular'], found['KeyPosS']['undefined_box_tight']) == (1, 0)
    assert found['KeyPosS']['NME_box_tight'] < 1e-5
    expected = np.delete(one_hot_errors(keypoints), 1).mean() / 100
    assert found['one-hot']['NME_ocular'] == pytest.approx(expected, rel=1e-4)


def test_noise_is_the_same_for_every_decoder_and_run(annotations, tmp_path):
    files = [tmp_path / f'{i}.json' for i in range(3)]
    words = [annotations, '--sizes', '16', '--noise', '0.05']
    assert main([*words, '--decoders', 'KeyPosS', 'one-hot', '--out', str(files[0])]) == 0
    assert main([*words, '--decoders', 'one-hot', '--out', str(files[1])]) == 0
    other = ['--decoders', 'one-hot', '--seed', '1', '--out', str(files[2])]
    assert main([*words, *other]) == 0
    first, again, third = (errors_of(file)['one-hot']['NME_ocular'] for file in files)
    assert first == again != third
    assert errors_of(files[0])['KeyPosS']['NME_ocular'] > 1e-3


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['nowhere.npz'], 'nowhere.npz does not exist'),
        (['{faces}', '--eyes', '36', '68'], '--eyes names landmark 68; the dataset has the'),
        (['{bare}'], 'has no bbox; it needs keypoints (N, K, 2) and bbox (N, 4)'),
        (['{faces}', '--decoders', 'KeyPos'], '--decoders KeyPos: unknown, choose from one-hot'),
        (['{faces}', '--decoders', 'KeyPosS:kernel_size=7'], 'kernel_size=7 must be'),
        (
            ['{faces}', '--decoders', 'KeyPosS:kernel_size=5', '--sizes', '4'],
            'kernel_size=5 must be',
        ),
        (['{faces}', '--sizes', '1'], 'heatmap_size'),
        (['{faces}', '--sigma', '0'], 'sigma'),
        (['{faces}', '--noise', '-1'], '--noise -1.0 must not be negative'),
        (['{faces}', '--noise', 'nan'], '--noise nan must not be negative, infinite or nan'),
        (['{faces}', '--noise', 'inf'], '--noise inf must not be negative, infinite or nan'),
        (['{faces}', '--seed', '-1'], '--seed -1 must lie between 0 and 18446744073709551615'),
        (['{faces}', '--seed', str(2**64)], 'must lie between 0 and 18446744073709551615'),
        (['{faces}', '--eyes', '0', '0'], '--eyes names landmark 0 twice'),
        (['{faces}', '--out', '{faces}'], 'faces.npz exists and is no file of encode_decode'),
        (['{faces}', '--batch-size', '0'], '--batch-size 0 must be at least 1'),
        (['{faces}', '--decoders', 'DARK', '--out', '{faces}/x.json'], 'cannot be written'),
        (['{faces}', '--out', '.'], '--out . is a folder; name a file in it'),
    ],
)
def test_mistakes_are_explained(annotations, tmp_path, capsys, arguments, message):
    np.savez(tmp_path / 'bare.npz', keypoints=np.zeros((1, 68, 2)))
    arguments = [word.format(faces=annotations, bare=tmp_path / 'bare.npz') for word in arguments]
    assert main(arguments) == 2
    assert message in capsys.readouterr().err
