from types import SimpleNamespace

from projects.benchmarks import data_loading


class Slow:
    def __init__(self, clock, seconds):
        self.clock, self.seconds = clock, seconds

    def __call__(self, results):
        self.clock.now += self.seconds
        return {**results, 'done': True}


class Slower(Slow):
    pass


def test_every_transform_is_timed_for_faces_spread_over_the_data_set(monkeypatch, capsys):
    clock = SimpleNamespace(now=0.0)
    clock.perf_counter = lambda: clock.now
    monkeypatch.setattr(data_loading, 'time', clock)
    asked = []

    class Dataset:
        pipeline = SimpleNamespace(transforms=[Slow(clock, 0.25), Slower(clock, 0.75)])

        def __len__(self):
            return 10

        def get_data_info(self, index):
            asked.append(index)
            return dict(index=index)

    seconds = data_loading.time_transforms(Dataset(), 3)
    assert asked == [0, 3, 6]
    assert seconds == dict(Slow=[0.25] * 3, Slower=[0.75] * 3)
    assert data_loading.table(seconds).splitlines()[2:] == [
        '| Slow | 250.000 | 250.000 | 25.0% |',
        '| Slower | 750.000 | 750.000 | 75.0% |',
    ]
