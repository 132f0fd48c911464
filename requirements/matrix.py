"""Build an environment for each Python and run the core of the tests in it: `make matrix`.

Writes the table of requirements/README.md between its two marks. Needs the standard library only,
for each Python that is found 3 to 8 GB in .venv-matrix and, the first time, their downloads.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / 'requirements' / 'README.md'
MARKS = '<!-- matrix begins -->\n', '<!-- matrix ends -->'
ENVIRONMENTS = ROOT / '.venv-matrix'

CONSTRAINTS = {
    '3.10': 'requirements/matrix/oldest.txt',
    '3.11': 'requirements/constraints.txt',
    '3.12': 'requirements/constraints.txt',
    '3.13': 'requirements/matrix/newest.txt',
}
"""Python -> pip constraint file."""

# fmt: off
TESTS = (
    'tests/multilateration', 'tests/codecs', 'tests/models/heads', 'tests/test_checkpoint.py',
    'tests/test_configs.py', 'tests/evaluation/test_face_alignment_metric.py',
    'tests/test_decoder_swap.py', 'tests/test_end_to_end.py::test_train_and_test[300w]',
)
LISTED = ('torch', 'numpy', 'opencv-python', 'scipy', 'mmengine', 'mmcv', 'mmpose')
# fmt: on


@dataclass(frozen=True)
class Row:
    """What came of one Python.

    Attributes:
        python: Its version, '3.10'.
        outcome: Numbers of tests, or at which step it stopped.
        versions: What is installed, by distribution.
        ok: Whether every test that ran has passed.
    """

    python: str
    outcome: str
    versions: dict[str, str]
    ok: bool


def find_python(version: str) -> str | None:
    """Return a command that starts this version of Python, None without one."""
    pyenv = Path(os.environ.get('PYENV_ROOT', Path.home() / '.pyenv')) / 'versions'
    candidates = [f'python{version}', *map(str, sorted(pyenv.glob(f'{version}.*/bin/python')))]
    for candidate in candidates:
        try:
            found = subprocess.run([candidate, '--version'], capture_output=True, text=True)
        except OSError:
            continue
        if found.returncode == 0 and found.stdout.startswith(f'Python {version}.'):
            return candidate
    return None


def run(log: Path, *command: str) -> bool:
    """Run a command in the root of the project with its output in a file; tell of success."""
    with log.open('w', encoding='utf-8') as file:
        done = subprocess.run(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT)
    return done.returncode == 0


def installed(python: Path) -> dict[str, str]:
    """Return the versions of what is LISTED in the environment of a Python."""
    listing = subprocess.run(
        [python, '-m', 'pip', 'list', '--format', 'freeze'], capture_output=True, text=True
    )
    versions = dict(re.findall(r'^([^=\s]+)==(\S+)$', listing.stdout, flags=re.MULTILINE))
    versions['mmcv'] = versions.get('mmcv') or f'lite {versions.get("mmcv-lite")}'
    return {name: versions.get(name, '-') for name in LISTED}


def count_tests(report: Path) -> str:
    """Say how many tests passed, failed and were left out, by pytest's report in XML."""
    (suite,) = ElementTree.parse(report).getroot().iter('testsuite')
    tests, failed, left_out = (
        sum(int(suite.get(name)) for name in names)
        for names in (('tests',), ('failures', 'errors'), ('skipped',))
    )
    return f'{tests - failed - left_out} passed, {failed} failed, {left_out} skipped'


def build(version: str) -> str:
    """Build the environment of a Python; say what went wrong, '' for nothing."""
    interpreter = find_python(version)
    if interpreter is None:
        return 'not found on this machine'
    ENVIRONMENTS.mkdir(exist_ok=True)
    log = ENVIRONMENTS / f'{version}.log'
    settings = (f'PYTHON={interpreter}', f'VENV={ENVIRONMENTS / version}')
    if not run(log, 'make', 'env', *settings, f'CONSTRAINTS={CONSTRAINTS[version]}'):
        return f'environment not built, see {log.relative_to(ROOT)}'
    return ''


def test(version: str) -> Row:
    """Run the tests in the environment of a Python, on one thread."""
    python, log = ENVIRONMENTS / version / 'bin' / 'python', ENVIRONMENTS / f'{version}.log'
    with tempfile.TemporaryDirectory() as reports:
        report = Path(reports) / 'report.xml'
        words = ('-q', '-p', 'no:cacheprovider', f'--junit-xml={report}', *TESTS)
        passed = run(log, str(python), '-m', 'pytest', *words)
        outcome = count_tests(report) if report.exists() else f'not run, see {log.name}'
    return Row(version, outcome, installed(python), passed)


def table(rows: list[Row]) -> str:
    """Return the rows as a table in Markdown, with date and machine."""
    lines = [
        f'{datetime.date.today()}, {platform.system()} {platform.machine()}:\n',
        '| Python | tests | ' + ' | '.join(LISTED) + ' |',
        '|---' * (2 + len(LISTED)) + '|',
    ]
    for row in rows:
        cells = [row.python, row.outcome, *(row.versions.get(name, '-') for name in LISTED)]
        lines.append('| ' + ' | '.join(cells) + ' |')
    return '\n'.join(lines) + '\n'


def main() -> int:
    """Try every Python, write the table, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'pythons', nargs='*', metavar='PYTHON', help='only these; the table is then not written'
    )
    only = parser.parse_args().pythons
    if set(only) - set(CONSTRAINTS):
        parser.error(f'choose from {", ".join(CONSTRAINTS)}')
    os.environ['OMP_NUM_THREADS'] = '1'
    rows = {}
    for version in only or CONSTRAINTS:
        print(f'==> Python {version}: environment ...', flush=True)
        fault = build(version)
        if fault:
            print(f'    {fault}', flush=True)
            rows[version] = Row(version, fault, {}, not find_python(version))
    ready = [version for version in only or CONSTRAINTS if version not in rows]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        print(
            f'==> Tests with Python {", ".join(ready)}, {os.cpu_count()} at a time ...', flush=True
        )
        for row in pool.map(test, ready):
            rows[row.python] = row
            print(f'    {row.python}: {row.outcome}', flush=True)
    rows = [rows[version] for version in only or CONSTRAINTS]
    if not only:
        before, _, rest = README.read_text(encoding='utf-8').partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        README.write_text(f'{before}{MARKS[0]}{table(rows)}{MARKS[1]}{after}', encoding='utf-8')
    print(table(rows))
    return 0 if all(row.ok for row in rows) else 1


if __name__ == '__main__':
    sys.exit(main())
