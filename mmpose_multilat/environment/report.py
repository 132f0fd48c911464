"""Facts and findings as lines for people."""

from __future__ import annotations

from collections.abc import Sequence

from .facts import Facts
from .findings import Finding
from .stand_in_files import STAND_INS

SHOWN = (
    *('python', 'torch', 'torchvision', 'numpy', 'opencv', 'mmengine', 'onedl-mmengine', 'mmcv'),
    *('mmcv-lite', 'mmdet', 'mmpose', 'openmim', 'pycocotools', 'xtcocotools', 'setuptools'),
    'mmpose-multilat',
)


def version_lines(facts: Facts) -> list[str]:
    """Return a line for each package, for each stand-in, and for pretrained weights."""
    rows = [(name, facts.versions[name], '') for name in SHOWN if name in facts.versions]
    if 'torch' in facts.answers:
        cuda, gpu = facts.answers['torch']
        rows.append(('device', f'CUDA {cuda}' if cuda else 'CPU', gpu or ''))
    for module, (name, what) in STAND_INS.items():
        state = facts.stand_ins.get(module, '-')
        rows.append((name, state, what if 'stand-in' in state else ''))
    for name, file in facts.weights.items():
        rows.append((f'weights {name.split("/")[-1]}', 'found' if file else '-', file))
    return [f'  {name:<21}{version:<18}{remark}'.rstrip() for name, version, remark in rows]


def finding_lines(findings: Sequence[Finding]) -> list[str]:
    """Return the numbered problems and notes, each with its remedy, and the count of problems."""
    lines = []
    for number, finding in enumerate(findings, start=1):
        kind = 'note' if finding.is_note else 'problem'
        lines += [f'{number}. {kind}: {finding.problem}', f'   remedy: {finding.remedy}']
    problems = sum(not finding.is_note for finding in findings)
    return [*lines, f'{problems or "no"} problem{"" if problems == 1 else "s"}']
