"""Which runs count."""

from example_study import EXAMPLE, ExampleRun

from projects.study.records import add_records
from projects.study.results import make_record, missing, read_results

RUN = ExampleRun('red', 4, 0, 2)


def test_results_of_other_settings_do_not_count(tmp_path):
    others = [ExampleRun('blue', 4, 0, 2), ExampleRun('green', 4, 0, 2)]
    blue, green = map(make_record, others)
    add_records([make_record(RUN, nme={}), dict(blue, training='other'), dict(green)], tmp_path)
    add_records([dict(run='of_something_else', training='other')], tmp_path)
    results, stale = read_results(tmp_path, EXAMPLE.run_of)
    assert [result.run for result in results] == [others[1], RUN]
    assert stale == ['blue_hm4_seed0', 'of_something_else']
    assert missing([*others, RUN], results) == others[:1]


def test_trainings_are_told_apart_by_all_that_they_set():
    runs = [
        RUN,
        ExampleRun('red', 4, 1, 2),
        ExampleRun('red', 4, 0, 3),
        ExampleRun('blue', 4, 0, 2),
    ]
    assert len({make_record(run)['training'] for run in runs}) == len(runs)
    assert make_record(RUN) == make_record(ExampleRun('red', 4, 0, 2))
