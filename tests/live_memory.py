"""Bytes of tensors that are alive at once, counted without computing anything (device 'meta')."""

import weakref
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class LiveMemory(TorchDispatchMode):
    """Within it, `largest` is the largest single result in bytes, `peak` that of all alive."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.peak = self.largest = 0
        self._known: dict[int, Any] = {}

    def __torch_dispatch__(self, function, types, args=(), kwargs=None) -> Any:
        results = function(*args, **(kwargs or {}))
        for each in tree_leaves(results):
            if isinstance(each, torch.Tensor):
                self._count(each.untyped_storage())
        return results

    def _count(self, storage: torch.UntypedStorage) -> None:
        """Count a storage once, until it is freed; views share one."""
        key = storage._cdata
        if key in self._known:
            return
        size = storage.nbytes()
        self._known[key] = weakref.finalize(storage, self._free, key, size)
        self.now += size
        self.largest, self.peak = max(self.largest, size), max(self.peak, self.now)

    def _free(self, key: int, size: int) -> None:
        self._known.pop(key, None)
        self.now -= size
