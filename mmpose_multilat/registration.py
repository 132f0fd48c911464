"""How this package comes into MMPose's registries, at once or when MMPose is first imported.

Importing MMPose takes seconds and hundreds of megabytes, which whoever runs an exported network
need not spend. Until somebody imports MMPose, nothing of this package is in its registries, and
nobody can tell: the registries are not there either.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

PARTS = (
    *('analysis', 'checkpoint', 'codecs', 'datasets', 'deploy', 'engine', 'evaluation'),
    *('inference', 'landmarks', 'models', 'multilateration', 'protection', 'settings'),
    *('unknown_names', 'visualization'),
)
"""Modules of the package that `import mmpose_multilat` offers as its attributes."""

REGISTERING = dict(
    HOOKS='mmpose_multilat.engine',
    KEYPOINT_CODECS='mmpose_multilat.codecs',
    METRICS='mmpose_multilat.evaluation',
    MODELS='mmpose_multilat.models',
    TRANSFORMS='mmpose_multilat.datasets',
)
"""Registry of MMPose -> what registers there."""


def register_now() -> None:
    """Import all that registers, and put the guards of MMEngine in place.

    Raises:
        ImportError: If something that it needs is missing or broken; the message names the doctor.
    """
    try:
        from . import codecs, datasets, engine, evaluation, models  # noqa: F401

        guard_checkpoints()
        explain_unknown_names()
    except Exception as error:
        raise ImportError(
            f'mmpose_multilat cannot be used because of {type(error).__name__}: {error}. '
            '`python -m mmpose_multilat.tools.doctor` says what is missing and how to mend it.'
        ) from error


def register_later() -> None:
    """Do the same in parts, each when what it changes has been imported.

    Classes are registered when a registry is first asked for one, as MMPose's own are: a user's
    first import may be `mmpose_multilat.codecs`, which imports MMPose, and while it is half
    imported nothing that needs it could be.
    """
    actions = {'mmengine.runner': guard_checkpoints, 'mmpose.registry': announce}
    sys.meta_path.insert(0, AfterImport(actions))


def guard_checkpoints() -> None:
    """Let MMEngine load its own checkpoints, and none that runs code."""
    from . import checkpoint, protection

    checkpoint.allow_mmengine_checkpoints()
    protection.forbid_fallback()


def explain_unknown_names() -> None:
    """Let registries say what a config lacks, see `mmpose_multilat.unknown_names`."""
    from . import unknown_names

    unknown_names.explain_unknown_names()


def announce() -> None:
    """Tell MMPose's registries what to import before they are first asked."""
    registries = sys.modules['mmpose.registry']
    for name, module in REGISTERING.items():
        registry = getattr(registries, name)
        registry._locations = [*registry._locations, module]
    explain_unknown_names()


class AfterImport(MetaPathFinder):
    """Calls functions once the modules that they wait for have been imported, each once.

    It finds nothing itself: modules come from where they would come from without it.

    Args:
        actions: Module -> what to call after it.
    """

    def __init__(self, actions: Mapping[str, Callable[[], None]]) -> None:
        self._actions = dict(actions)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Find a module that is waited for; None for all others."""
        if fullname not in self._actions:
            return None
        others = (each for each in sys.meta_path if each is not self)
        found = (each.find_spec(fullname, path, target) for each in others)
        spec = next((each for each in found if each is not None), None)
        if spec is not None and spec.loader is not None:
            self._watch(spec)
        return spec

    def _watch(self, spec: ModuleSpec) -> None:
        """Have a loader, which stays the module's own, report when it is done."""
        loader, load = spec.loader, spec.loader.exec_module

        def load_and_report(module: ModuleType) -> None:
            del loader.exec_module  # that of its class again
            load(module)
            self._finish(spec.name)

        loader.exec_module = load_and_report

    def _finish(self, name: str) -> None:
        action = self._actions.pop(name, None)
        if not self._actions and self in sys.meta_path:
            sys.meta_path.remove(self)
        if action is not None:
            action()
