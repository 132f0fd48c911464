"""How long runs take: from the results of this machine, and roughly before there are any."""

from collections.abc import Iterable, Sequence
from statistics import mean

from .results import Result
from .run import Run

GPU_SECONDS_PER_EPOCH = 15
"""Reading and augmenting the faces decides, whatever the size."""

DECODING_SECONDS = 60


class Estimate:
    """Seconds that a run takes.

    Args:
        results: Results so far; those of another processor or device are not considered.
        processor: Model of this machine's processor.
        device: 'CPU' or the name of the GPU.
    """

    def __init__(self, results: Iterable[Result], processor: str, device: str) -> None:
        self._device = device
        self._seconds: dict[tuple[str, int], list[float]] = {}
        for result in results:
            hardware = result.record['hardware']
            if (hardware['processor'], hardware['device']) == (processor, device):
                self.add(result)

    def add(self, result: Result) -> None:
        """Learn from a run of this machine."""
        key = result.run.cost, result.run.epochs
        self._seconds.setdefault(key, []).append(result.seconds)

    def is_measured(self, run: Run) -> bool:
        """Whether runs of this cost and length have been finished on this machine."""
        return (run.cost, run.epochs) in self._seconds

    def of(self, run: Run) -> float:
        """Seconds that a run takes as a whole."""
        if self.is_measured(run):
            return mean(self._seconds[run.cost, run.epochs])
        on_cpu = self._device == 'CPU'
        epoch = run.cpu_seconds_per_epoch if on_cpu else GPU_SECONDS_PER_EPOCH
        return run.epochs * epoch + DECODING_SECONDS

    def left(self, waiting: Iterable[Run], under_way: Sequence[float], workers: int) -> float:
        """Seconds until the last of several runs has ended.

        Args:
            waiting: Runs that have not been started.
            under_way: Seconds that each of the runs under way still takes.
            workers: How many run at a time.
        """
        free_at = sorted([*under_way, *[0.0] * workers])[-workers:]
        for run in waiting:
            free_at.sort()
            free_at[0] += self.of(run)
        return max(free_at)


def duration(seconds: float) -> str:
    """Seconds as hours and minutes, or as seconds below a minute."""
    if seconds < 60:
        return f'{seconds:.0f} s'
    hours, minutes = divmod(round(seconds / 60), 60)
    return f'{hours} h {minutes:02d} min' if hours else f'{minutes} min'
