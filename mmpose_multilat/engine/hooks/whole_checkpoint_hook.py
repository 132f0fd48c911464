"""Checkpoints that are written whole before the ones that they replace are removed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Optional

from mmengine.dist import is_main_process
from mmengine.fileio import LocalBackend
from mmengine.hooks import CheckpointHook
from mmengine.runner import Runner

from mmpose_multilat.landmarks.whole_files import remove_parts, replacing

from .resuming import POINTER
from .whole_file_backend import WHOLE_FILES, RemovalsLast, WholeFileBackend


class WholeCheckpointHook(CheckpointHook):
    """MMEngine's `CheckpointHook` in another order of writing and removing.

    A checkpoint is written beside its place and flushed, then takes its name, then
    `last_checkpoint` names it, and only then the one that it replaces is removed; the best
    checkpoint likewise. There must be room for one more than are kept. In other storage than local
    files only the order is another.

    Args:
        **arguments: Those of MMEngine's `CheckpointHook`.

    Raises:
        ValueError: For `file_client_args`, which MMEngine has replaced by `backend_args`.
    """

    def __init__(self, **arguments: Any) -> None:
        if arguments.get('file_client_args') is not None:
            raise ValueError('CheckpointHook: use backend_args in place of file_client_args')
        super().__init__(**arguments)

    def before_train(self, runner: Runner) -> None:
        """Prepare the folder of the checkpoints; what a killed training was writing goes."""
        super().before_train(runner)
        if type(self.file_backend) is LocalBackend:
            self.backend_args, self.file_backend = dict(backend=WHOLE_FILES), WholeFileBackend()
        if isinstance(self.file_backend, LocalBackend) and is_main_process():
            # Each is as large as a checkpoint.
            remove_parts(Path(self.out_dir), '*.pth')

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict[str, Any]) -> None:
        """Write a checkpoint, name it in `last_checkpoint`, and remove the outdated one.

        MMEngine's method in another order.
        """
        outdated = self._outdated_by(runner, step)
        name = self.filename_tmpl.format(step)
        self.last_ckpt = self.file_backend.join_path(self.out_dir, name)
        runner.message_hub.update_info('last_ckpt', self.last_ckpt)
        runner.save_checkpoint(
            self.out_dir,
            name,
            save_optimizer=self.save_optimizer,
            save_param_scheduler=self.save_param_scheduler,
            meta=meta,
            by_epoch=self.by_epoch,
            backend_args=self.backend_args,
            **self.args,
        )
        if not is_main_process():
            return
        with replacing(Path(runner.work_dir, POINTER), flush=True) as part:
            part.write_text(self.last_ckpt, encoding='utf-8')
        if outdated not in (None, self.last_ckpt) and self.file_backend.isfile(outdated):
            self.file_backend.remove(outdated)

    def _outdated_by(self, runner: Runner, step: int) -> Optional[str]:
        """Count a checkpoint in; gives the one that is no longer kept then."""
        if self.max_keep_ckpts <= 0 or step in list(self.keep_ckpt_ids)[-1:]:
            return None
        full = len(self.keep_ckpt_ids) == self.max_keep_ckpts
        outdated = self.keep_ckpt_ids.popleft() if full else None
        self.keep_ckpt_ids.append(step)
        runner.message_hub.update_info('keep_ckpt_ids', list(self.keep_ckpt_ids))
        if outdated is None:
            return None
        return self.file_backend.join_path(self.out_dir, self.filename_tmpl.format(outdated))

    def _save_best_checkpoint(self, runner: Runner, metrics: dict[str, Any]) -> None:
        """MMEngine's method, but what it removes first is removed when all is written.

        Raises:
            ValueError: If `save_best` names none of the metrics.
        """
        # Without `save_best` MMEngine's hook has no indicators at all.
        wanted = set(getattr(self, 'key_indicators', ())) - {'auto', *metrics}
        if metrics and wanted:
            raise ValueError(
                f'default_hooks.checkpoint.save_best: {", ".join(sorted(wanted))} is none of what '
                f'val_evaluator gives ({", ".join(metrics)}). A config keeps the save_best of its '
                "base when it replaces the metric; set save_best='auto', rule='less'"
            )
        with self._removing_last():
            super()._save_best_checkpoint(runner, metrics)

    @contextmanager
    def _removing_last(self) -> Iterator[None]:
        """Put off all removals to the end; after an error they do not happen."""
        backend = self.file_backend
        self.file_backend = waiting = RemovalsLast(backend)
        try:
            yield
        finally:
            self.file_backend = backend
        bests = getattr(self, 'best_ckpt_path_dict', {}).values()
        waiting.remove_outdated({self.last_ckpt, getattr(self, 'best_ckpt_path', None), *bests})
