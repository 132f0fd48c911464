"""Try imports in another process, because an import can fail, kill its process or hang."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Callable

from .environment import Probe

ANSWER_MARK = 'mmpose-multilat-doctor:'
"""Starts a line with an answer; imports may print lines of their own."""

IMPORTER = f"""
import json, sys, traceback
for code in json.loads(sys.argv[1]):
    names = dict(details=dict())
    error = None
    try:
        exec(code, names)
    except BaseException as failure:
        error = ' '.join(traceback.format_exception_only(type(failure), failure)[-1].split())
    print()
    print({ANSWER_MARK!r} + json.dumps(dict(error=error, details=names['details'])), flush=True)
    if error:
        break
"""
"""Program that runs pieces of code, tells the outcome of each, and stops at the first that fails:
what a failed import leaves behind must not disturb the next one."""


def describe_exit(return_code: int) -> str:
    """Say how a process ended that gave no answer."""
    if return_code >= 0:
        return f'the process ended with status {return_code} while importing'
    names = {entry.value: entry.name for entry in signal.Signals}
    name = names.get(-return_code, f'signal {-return_code}')
    return f'the process was killed by {name} while importing'


def read_answer(process: subprocess.Popen, time_limit: float) -> Probe:
    """Wait for the next answer of an :data:`IMPORTER`, and kill it after ``time_limit`` seconds."""
    is_late = threading.Event()
    timer = threading.Timer(time_limit, lambda: (is_late.set(), process.kill()))
    timer.start()
    try:
        for line in process.stdout:
            if line.startswith(ANSWER_MARK):
                return Probe(**json.loads(line[len(ANSWER_MARK) :]))
        process.wait()
    finally:
        timer.cancel()
    if is_late.is_set():
        return Probe(error=f'no answer within {time_limit:g} s (see --timeout)')
    return Probe(error=describe_exit(process.returncode))


def run_until_failure(codes: dict[str, str], time_limit: float) -> Iterator[tuple[str, Probe]]:
    """Run pieces of code in one new process, and yield the outcomes up to the first failure."""
    command = [sys.executable, '-c', IMPORTER, json.dumps(list(codes.values()))]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with process:
        for module in codes:
            probe = read_answer(process, time_limit)
            yield module, probe
            if probe.error:
                break
        process.kill()


def run_probes(
    codes: dict[str, str], time_limit: float, report: Callable[[int, int], None]
) -> dict[str, Probe]:
    """Import modules in another process, and in a new one after each failure.

    Args:
        codes: Module -> Python code that imports it, and may fill ``details`` for JSON.
        time_limit: Seconds for each module.
        report: Called with (modules done, modules in all).

    Returns:
        Module -> outcome.
    """
    probes: dict[str, Probe] = {}
    while len(probes) < len(codes):
        remaining = {module: code for module, code in codes.items() if module not in probes}
        for module, probe in run_until_failure(remaining, time_limit):
            probes[module] = probe
            report(len(probes), len(codes))
    return probes
