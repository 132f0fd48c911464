"""Facts about environments, for the tests of findings and of the doctor."""

from __future__ import annotations

from mmpose_multilat.environment.facts import Facts

VERSIONS = {
    'python': '3.11.7',
    'torch': '2.13.0+cpu',
    'torchvision': '0.16.2',
    'numpy': '2.3.5',
    'opencv': '4.14.0.94',
    'mmengine': '0.10.7',
    'mmcv-lite': '2.1.0',
    'mmdet': '3.2.0',
    'mmpose': '1.3.2',
    'mmpose-multilat': '0.1.0',
}
ANSWERS = {'torch': [None, False], 'cv2': True, 'mmpose_multilat': ''}
CUDA = {**ANSWERS, 'torch': ['12.4', 'a GPU']}
STAND_INS = {'mmcv._ext': 'stand-in', 'xtcocotools': 'stand-in'}


def missing(name: str) -> str:
    return f"ModuleNotFoundError: No module named '{name}'"


def environment(
    errors: dict[str, str] | None = None, versions: dict[str, str] | None = None, **facts: object
) -> Facts:
    """Return a healthy environment with some facts changed."""
    facts = {'answers': ANSWERS, 'stand_ins': STAND_INS, **facts}
    return Facts(versions={**VERSIONS, **(versions or {})}, errors=errors or {}, **facts)
