"""What is read of MMEngine's log."""

from projects.study import log


def test_an_unfinished_last_line_of_the_log_is_no_record(tmp_path):
    folder = tmp_path / '20300101_000000' / 'vis_data'
    folder.mkdir(parents=True)
    (folder / 'scalars.json').write_text('{"loss": 1, "epoch": 3}\n{"loss": 2, "ep')
    assert log.epochs_begun(tmp_path) == 3
    assert log.last_losses(tmp_path) == {'loss': 1}
