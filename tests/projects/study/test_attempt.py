"""Where a run goes on that was stopped."""

from dataclasses import replace

import pytest
from example_study import MODULE, ExampleRun

from projects.study import attempt

RUN = ExampleRun('red', 4, 0, 2)


@pytest.mark.parametrize(
    'checkpoints, pointer, programs, resumed',
    [
        ([], None, ['train.py', 'decode'], False),
        (['epoch_1.pth'], 'epoch_1.pth', ['train.py', 'decode'], True),
        # What a crash can leave of the pointer; the training itself looks for whole checkpoints.
        (['epoch_1.pth'], None, ['train.py', 'decode'], True),
        (['epoch_1.pth'], '', ['train.py', 'decode'], True),
        ([], 'epoch_1.pth', ['train.py', 'decode'], False),
        (['epoch_2.pth'], 'epoch_2.pth', ['decode'], False),
        (['epoch_2.pth'], 'epoch_1.pth', ['decode'], False),
    ],
)
def test_commands_go_on_where_a_run_was_stopped(tmp_path, checkpoints, pointer, programs, resumed):
    training = tmp_path / attempt.TRAINING
    training.mkdir()
    for name in checkpoints:
        (training / name).touch()
    if pointer is not None:
        (training / 'last_checkpoint').write_text(f'/moved/since/{pointer}')
    commands = attempt.make_commands(RUN, tmp_path)
    found = [next(p for p in programs if any(p in word for word in each)) for each in commands]
    assert found == programs
    assert (commands[0][-1] == '--resume') == resumed


def test_a_study_decodes_in_its_own_way(tmp_path):
    class Peculiar(ExampleRun):
        decoding = ('projects.example.decode', '--thoroughly')

    _, decode = attempt.make_commands(Peculiar('red', 4, 0, 2), tmp_path)
    assert decode[decode.index('-m') + 1] == 'projects.example.decode'
    assert decode[-3:] == ['--out', str(tmp_path / attempt.DECODED), '--thoroughly']


def test_checkpoints_of_another_config_are_not_resumed(tmp_path):
    attempt.prepare_folder(RUN, tmp_path / 'ytf68', tmp_path, MODULE)
    checkpoint = tmp_path / attempt.TRAINING / 'epoch_1.pth'
    checkpoint.parent.mkdir()
    checkpoint.touch()
    attempt.prepare_folder(RUN, tmp_path / 'ytf68', tmp_path, MODULE)
    assert checkpoint.exists(), 'the same run goes on'
    attempt.prepare_folder(replace(RUN, epochs=3), tmp_path / 'ytf68', tmp_path, MODULE)
    assert not checkpoint.exists(), 'another length is another training'
