"""Checkpoints that no crash takes away, and that are looked at before they are used."""

from pathlib import Path
from typing import Any

from mmengine.dist import broadcast_object_list, is_main_process
from mmengine.runner import Runner
from mmpose.registry import HOOKS

from mmpose_multilat.engine.finite_weights import describe_not_finite

from .codec_agreement import unwrap
from .replaced_imports import describe_replaced_imports
from .resuming import TEMPLATES, Choice, NothingToResumeError, choose_checkpoint
from .trained_codec import describe_other_training
from .unused_settings import unused_settings
from .whole_checkpoint_hook import WholeCheckpointHook


@HOOKS.register_module(name=['SafeCheckpointHook', 'CheckpointHook'])
class SafeCheckpointHook(WholeCheckpointHook):
    """The checkpoint hook of every config that imports this package.

    In MMPose's registry it takes the name `CheckpointHook` too, so that configs have it which set
    MMEngine's, or none at all; `mmengine.CheckpointHook` is MMEngine's own still. It differs:

    * Checkpoints are written whole before old ones are removed, see `WholeCheckpointHook`.
    * `--resume` takes the newest whole checkpoint, and the log says which and why, see
      `choose_checkpoint`. If none is whole that is an error, not a new training.
    * Weights that are not finite are refused before training and testing. The log warns if the
      head decodes otherwise than the checkpoint was trained.
    * Modules that a base of the config imports, and the config does not any more, are named.
    * Variables of the config that have no effect are named, see `unused_settings`: a checkpoint
      keeps the config, and must not tell of a codec that it was not trained with.

    Args:
        **arguments: Those of MMEngine's `CheckpointHook`.

    Raises:
        ValueError: As `WholeCheckpointHook` does.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._loaded: dict[str, Any] = {}

    def before_run(self, runner: Runner) -> None:
        """Name settings without effect and lost imports, and choose what to resume from.

        Raises:
            NothingToResumeError: If there are checkpoints and none is whole.
        """
        for warning in (*unused_settings(runner.cfg), describe_replaced_imports(runner.cfg)):
            if warning:
                runner.logger.warning(warning)
        is_local = self.out_dir is None or '://' not in str(self.out_dir)
        if runner._resume and runner._load_from is None and is_local:
            self._resume_from(self._choose(Path(runner.work_dir)), runner)

    def _choose(self, work_dir: Path) -> Choice:
        """Choose on the main process, for all."""
        folder = work_dir if self.out_dir is None else Path(self.out_dir, work_dir.name)
        chosen: list[Any] = [None]
        if is_main_process():
            try:
                chosen = [choose_checkpoint(work_dir, folder, (*TEMPLATES, self.filename_tmpl))]
            except NothingToResumeError as error:
                chosen = [error]
        broadcast_object_list(chosen)
        if isinstance(chosen[0], NothingToResumeError):
            raise chosen[0]
        return chosen[0]

    def _resume_from(self, choice: Choice, runner: Runner) -> None:
        """Tell the runner, which would follow `last_checkpoint` wherever it leads."""
        say = runner.logger.info if choice.expected else runner.logger.warning
        say(choice.reason)
        runner._resume = choice.path is not None
        runner._load_from = choice.path and str(choice.path)

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Keep what the checkpoint says of its training, until the model is ready."""
        self._loaded = dict(meta=checkpoint.get('meta'))

    def before_train(self, runner: Runner) -> None:
        """Prepare the folder, and look at weights and codecs.

        Raises:
            ValueError: If a weight is not finite.
        """
        super().before_train(runner)
        _check_weights(runner)
        if not runner._resume:
            # Weights to begin with may come from any other training.
            self._loaded = {}
        self._warn_of_other_codec(runner)

    def before_val(self, runner: Runner) -> None:
        """Look at the codecs; within a training this was done at its start."""
        self._warn_of_other_codec(runner)

    def before_test(self, runner: Runner) -> None:
        """Look at weights and codecs.

        Raises:
            ValueError: If a weight is not finite.
        """
        _check_weights(runner)
        self._warn_of_other_codec(runner)

    def _warn_of_other_codec(self, runner: Runner) -> None:
        """Warn once for a checkpoint whose labels were others than what the head decodes."""
        warning = describe_other_training(self._loaded, runner.model)
        self._loaded = {}
        if warning:
            runner.logger.warning(warning)


def _check_weights(runner: Runner) -> None:
    fault = describe_not_finite(unwrap(runner.model))
    if fault:
        raise ValueError(f'weights: {fault}')
