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
import time
import xml.etree.ElementTree as ElementTree
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
    'tests/multilateration', 'tests/codecs', 'tests/models', 'tests/engine', 'tests/evaluation',
    'tests/test_checkpoint.py', 'tests/test_configs.py', 'tests/test_gaussian_vector_configs.py',
    'tests/test_decoder_swap.py', 'tests/test_end_to_end.py',
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


def try_python(version: str) -> Row:
    """Build the environment of a Python and run the tests in it."""
    interpreter = find_python(version)
    if interpreter is None:
        return Row(version, 'not found on this machine', {}, True)
    folder = ENVIRONMENTS / version
    ENVIRONMENTS.mkdir(exist_ok=True)
    build = ('make', 'env', f'PYTHON={interpreter}', f'VENV={folder}')
    log = ENVIRONMENTS / f'{version}.log'
    if not run(log, *build, f'CONSTRAINTS={CONSTRAINTS[version]}'):
        return Row(version, f'environment not built, see {log.relative_to(ROOT)}', {}, False)
    python = folder / 'bin' / 'python'
    with tempfile.TemporaryDirectory() as reports:
        report = Path(reports) / 'report.xml'
        passed = run(log, str(python), '-m', 'pytest', '-q', f'--junit-xml={report}', *TESTS)
        outcome = count_tests(report) if report.exists() else 'tests could not be run'
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
    rows = []
    for version in only or CONSTRAINTS:
        start = time.monotonic()
        print(f'==> Python {version}: environment and tests ...', flush=True)
        rows.append(try_python(version))
        print(f'    {rows[-1].outcome} ({time.monotonic() - start:.0f} s)', flush=True)
    if not only:
        before, _, rest = README.read_text(encoding='utf-8').partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        README.write_text(f'{before}{MARKS[0]}{table(rows)}{MARKS[1]}{after}', encoding='utf-8')
    print(table(rows))
    return 0 if all(row.ok for row in rows) else 1


if __name__ == '__main__':
    sys.exit(main())
