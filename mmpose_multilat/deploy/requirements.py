"""Packages that only export and exported models need."""

import importlib
from types import ModuleType

INSTALLATION = "pip install onnx onnxscript onnxruntime 'numpy<2'"
"""NumPy is named because these packages alone would have it replaced by NumPy 2, for which
xtcocotools, that MMPose needs, is not built."""


class MissingPackageError(ImportError):
    """A package of the extra `deploy` is not installed; the message says how to install it."""


def require(name: str) -> ModuleType:
    """Import a package of the extra `deploy`.

    Args:
        name: 'onnx', 'onnxruntime' or 'onnxscript'.

    Raises:
        MissingPackageError: If it cannot be imported.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingPackageError(
            f'{name} cannot be imported ({error}); install what ONNX files need: {INSTALLATION}'
        ) from error
