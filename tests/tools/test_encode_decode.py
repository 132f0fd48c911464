import numpy as np
import pytest

from mmpose_multilat.tools.encode_decode import crop_landmarks, main


def write_annotations(path, keypoints):
    low, high = keypoints.min(1), keypoints.max(1)
    np.savez(path, keypoints=keypoints, bbox=np.concatenate((low, high - low), 1))
    return str(path)


@pytest.fixture
def annotations(tmp_path):
    keypoints = np.random.default_rng(0).uniform(100, 300, (5, 68, 2))
    keypoints[:, 36], keypoints[:, 45] = (150, 160), (250, 160)
    return write_annotations(tmp_path / 'faces.npz', keypoints)


def test_crop_puts_the_box_in_the_middle():
    keypoints = np.array([[[10.0, 20.0], [110.0, 60.0]]])
    crop = crop_landmarks(keypoints, np.array([[10.0, 20.0, 100.0, 40.0]]))
    # The longer side, 100 px, becomes 256 / 1.25 = 204.8 px round the centre at 128.
    np.testing.assert_allclose(crop, [[[25.6, 87.04], [230.4, 168.96]]])


def test_table(annotations, capsys):
    assert main([annotations, '--sizes', '16', '8']) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = {line.split('|')[1].strip(): line.split('|')[2:4] for line in lines if line[:1] == '|'}
    assert '5 faces, NME by inter-ocular distance (fraction)' in lines
    errors = {label: [float(cell) for cell in rows[label]] for label in list(rows)[2:]}
    assert errors['KeyPosS 2x2'] == errors['POPoS exact'] == [0, 0]
    # One-hot errs by 0.383 cells on average, 6.1 and 12.2 px, over 102 px between the eyes: boxes
    # of about 200 px become 204.8 px.
    assert errors['one-hot'] == pytest.approx([0.0598, 0.1197], rel=0.1)


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['nowhere.npz'], 'nowhere.npz does not exist'),
        (['{faces}', '--eyes', '36', '68'], 'has 68 landmarks'),
        (['{bare}'], 'has no bbox'),
    ],
)
def test_mistakes_are_explained(annotations, tmp_path, capsys, arguments, message):
    np.savez(tmp_path / 'bare.npz', keypoints=np.zeros((1, 68, 2)))
    arguments = [word.format(faces=annotations, bare=tmp_path / 'bare.npz') for word in arguments]
    assert main(arguments) == 2
    assert message in capsys.readouterr().err
