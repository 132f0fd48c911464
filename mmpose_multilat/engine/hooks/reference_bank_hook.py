"""Give a model the reference faces that its checkpoint will carry."""

import contextlib
from collections.abc import Iterator
from typing import Any, Optional

import numpy as np
from mmengine.hooks import Hook
from mmengine.registry import HOOKS
from mmengine.runner import Runner
from torch import nn
from torch.utils.data import DataLoader

from mmpose_multilat.datasets import AddReference, ReferenceFaces
from mmpose_multilat.landmarks.checks import check_whole
from mmpose_multilat.models.heads import ReferenceHeatmapHead, landmark_head
from mmpose_multilat.models.layers import BANK_SIZE

from .codec_agreement import unwrap


@HOOKS.register_module()
class ReferenceBankHook(Hook):
    """Fill the bank of a `ReferenceHeatmapHead` with faces of the training set.

    The neutral face comes first, see `ReferenceFaces.neutral`, the others are drawn by the seed,
    the same on every process. A bank that a checkpoint has filled stays as it is.

    Faces and indices of every `AddReference` are read at once, so that a missing index stops a run
    before its first batch.

    Args:
        seed: Seed of the draw.

    Raises:
        ValueError: If the seed is no whole number of at least 0.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = check_whole('seed', seed, 0)

    def before_train(self, runner: Runner) -> None:
        """Fill the bank before training, where the training pipeline adds references.

        Raises:
            ValueError: If an index of references is missing or stale.
        """
        _prepare(runner.train_dataloader)
        if runner.val_loop is not None:
            _prepare(runner.val_dataloader)
        head = find_head(runner.model)
        if head is None or head.bank.is_filled:
            return
        faces = find_faces(runner.train_dataloader)
        if faces is None:
            return
        chosen = choose_faces(faces, self.seed)
        head.bank.fill([faces[index] for index in chosen])
        runner.logger.info(
            f'The bank of reference faces holds {len(chosen)} of {len(faces)} training faces, '
            f'numbers {", ".join(map(str, chosen))}.'
        )

    def before_val(self, runner: Runner) -> None:
        """Refuse to validate without any reference."""
        _require_references(runner.model, runner.val_dataloader)

    def before_test(self, runner: Runner) -> None:
        """Refuse to test without any reference.

        Raises:
            ValueError: If neither the samples nor the checkpoint have one, or an index of
                references is missing or stale.
        """
        _prepare(runner.test_dataloader)
        _require_references(runner.model, runner.test_dataloader)


def find_head(model: nn.Module) -> Optional[ReferenceHeatmapHead]:
    """Return the head of a model if it looks at references, also inside wrappers."""
    head = landmark_head(getattr(unwrap(model), 'head', None))
    looks = isinstance(head, ReferenceHeatmapHead) and head.looks_at_references
    return head if looks else None


def find_faces(loader: DataLoader) -> Optional[ReferenceFaces]:
    """Return the faces that the pipeline of a loader chooses references from, None without."""
    return next((step.faces_for(dataset) for dataset, step in _steps(loader.dataset)), None)


def choose_faces(faces: ReferenceFaces, seed: int) -> list[int]:
    """Choose up to 16 faces, the neutral one first if there is one.

    Args:
        faces: The faces of a dataset.
        seed: Draws the others.

    Returns:
        Their different numbers.
    """
    order = np.random.default_rng(seed).permutation(len(faces)).tolist()
    with contextlib.suppress(ValueError):  # no face has all landmarks
        order.insert(0, faces.neutral())
    return list(dict.fromkeys(order))[:BANK_SIZE]


def _steps(dataset: Any) -> Iterator[tuple[Any, AddReference]]:
    """Each `AddReference` with the dataset that it adds to, in a dataset and all it wraps."""
    for wrapped in (*getattr(dataset, 'datasets', ()), getattr(dataset, 'dataset', None)):
        yield from () if wrapped is None else _steps(wrapped)
    for step in getattr(getattr(dataset, 'pipeline', None), 'transforms', ()):
        if isinstance(step, AddReference):
            yield dataset, step


def _prepare(loader: DataLoader) -> None:
    for dataset, step in _steps(loader.dataset):
        step.prepare(dataset)


def _require_references(model: nn.Module, loader: DataLoader) -> None:
    head = find_head(model)
    if head is None or head.bank.is_filled or any(True for _ in _steps(loader.dataset)):
        return
    raise ValueError(
        'neither the samples nor the checkpoint have a reference face: put AddReference into the '
        'pipeline of the loader, or take a checkpoint of a training with AddReference in the '
        "training pipeline and dict(type='ReferenceBankHook') among custom_hooks"
    )
