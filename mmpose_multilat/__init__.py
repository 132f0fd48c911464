"""Facial landmarks of a fraction of a pixel from tiny heatmaps, for MMPose 1.x.

`custom_imports = dict(imports=['mmpose_multilat'])` in a config puts everything of this package
into MMPose's registries. It replaces the `custom_imports` of a base; the README says how to append.
"""

import sys

from .version import __version__

__all__ = ['__version__']

try:
    # `python -m mmpose_multilat.tools.doctor` needs nothing of this, and must survive a torch whose
    # import hangs or crashes.
    if f'{__name__}.tools.doctor' not in sys.orig_argv:
        from . import (  # noqa: F401
            checkpoint,
            codecs,
            datasets,
            engine,
            evaluation,
            models,
            protection,
            unknown_names,
        )

        checkpoint.allow_mmengine_checkpoints()
        protection.forbid_fallback()
        unknown_names.explain_unknown_names()
except Exception as error:
    # While `python -m mmpose_multilat.tools.NAME` looks for its module, sys.argv[0] is '-m': a tool
    # then imports what it needs itself, which may be less.
    if sys.argv[0] != '-m':
        raise ImportError(
            f'mmpose_multilat cannot be used because of {type(error).__name__}: {error}. '
            '`python -m mmpose_multilat.tools.doctor` says what is missing and how to mend it.'
        ) from error
