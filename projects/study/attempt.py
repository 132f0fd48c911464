"""One run in processes of its own: first MMPose's training tool, then the decoders."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Optional

from . import log
from .run import Run
from .run_config import ROOT, config_text

CONFIG, OUTPUT, LOCK, DECODED = 'config.py', 'output.log', 'lock', 'decoded.json'

TRAINING = 'training'
"""MMEngine's work folder. It copies the config in full there, under its own name."""

SECONDS_TO_STOP = 10
"""How long a process may take to end before it is killed."""


class BusyError(Exception):
    """Another process is at this run."""


def prepare_folder(run: Run, data: Path, folder: Path, author: str) -> None:
    """Write the config of a run; what belongs to another config of the same name is deleted.

    Args:
        run: The run.
        data: Folder of ytf68.
        folder: Work folder of the run; it exists.
        author: The study's module, named in the config.
    """
    text = config_text(run, data, folder, author)
    config = folder / CONFIG
    if not config.is_file() or config.read_text() != text:
        shutil.rmtree(folder / TRAINING, ignore_errors=True)
        (folder / OUTPUT).unlink(missing_ok=True)
        config.write_text(text)
    (folder / DECODED).unlink(missing_ok=True)


def make_commands(run: Run, folder: Path) -> list[list[str]]:
    """The commands that are still needed: training, unless it has reached its end, and decoding."""
    config = str(folder / CONFIG)
    last = f'epoch_{run.epochs}.pth'
    training = folder / TRAINING
    python = [sys.executable, '-W', 'ignore']
    tool = Path(find_spec('mmpose').origin).parent / '.mim' / 'tools' / 'train.py'
    train = [*python, str(tool), config, '--work-dir', str(training)]
    module, *options = run.decoding
    decode = [*python, '-m', module, config, str(training / last)]
    decode += ['--out', str(folder / DECODED), *options]
    if (training / last).is_file():
        return [decode]
    # The checkpoint hook finds the newest whole one; what a crash left of others does not count.
    resume = ['--resume'] if log.checkpoints(training) else []
    return [[*train, *resume], decode]


class Attempt:
    """Commands one after the other, each in a process group of its own.

    Args:
        run: The run that the commands belong to.
        folder: Its work folder, which gets the output.
        lock: Descriptor from `lock_folder`; this class closes it.
        commands: The commands.
        environment: Variables to be set over those of this process.
    """

    def __init__(
        self,
        run: Run,
        folder: Path,
        lock: int,
        commands: Sequence[Sequence[str]],
        environment: Mapping[str, str],
    ) -> None:
        self.run = run
        self.folder = folder
        self.training = folder / TRAINING
        self._left = list(commands)
        self._environment = {**os.environ, **environment}
        self._lock = lock
        self._output = open(folder / OUTPUT, 'ab')  # noqa: SIM115 - closed by `_close`
        self._process = self._start(self._left.pop(0))

    def poll(self) -> Optional[int]:
        """Go on; returns None while there is something to do, then the exit status."""
        status = self._process.poll()
        if status == 0 and self._left:
            self._process = self._start(self._left.pop(0))
            return None
        if status is not None:
            self._close()
        return status

    def stop(self) -> None:
        """End the processes of this attempt, its data loaders included."""
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            # The second one reaches data loaders that outlive their training.
            with suppress(ProcessLookupError):  # all of them have ended
                os.killpg(self._process.pid, signal_number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(SECONDS_TO_STOP)
        self._close()

    def _start(self, command: Sequence[str]) -> subprocess.Popen:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            # Ctrl-C is for this program, which then ends the group; and the lock lives as long as
            # any process of the group.
            start_new_session=True,
            pass_fds=[self._lock],
        )

    def _close(self) -> None:
        self._output.close()
        os.close(self._lock)


def lock_folder(folder: Path) -> int:
    """Lock the work folder of a run.

    Returns:
        A descriptor; the folder is locked until it is closed in every process that has it.

    Raises:
        BusyError: If other processes have it, perhaps left over by a study that was killed.
    """
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise BusyError('another process is at this run; wait for it or end it') from error
    return descriptor


def tail(folder: Path, lines: int) -> str:
    """The end of what the commands printed."""
    path = folder / OUTPUT
    text = path.read_text(errors='replace') if path.is_file() else ''
    return '\n'.join(text.rstrip().splitlines()[-lines:])
