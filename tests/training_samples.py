"""A training of a model with two weights, which takes no time."""

import itertools
from pathlib import Path

import torch
from mmengine.evaluator import BaseMetric, Evaluator
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch import nn
from torch.utils.data import Dataset

_experiments = itertools.count()


class SmallModel(BaseModel):
    """Learns to answer 0."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 1)

    def forward(self, inputs, mode='tensor'):
        outputs = self.linear(inputs)
        return dict(loss=outputs.square().mean()) if mode == 'loss' else [outputs]


class Pairs(Dataset):
    """Four pairs of numbers."""

    def __len__(self):
        return 4

    def __getitem__(self, index):
        return dict(inputs=torch.full((2,), float(index + 1)))


class Scores(BaseMetric):
    """Gives the score of each validation in turn."""

    def __init__(self, scores):
        super().__init__()
        self.scores = iter(scores)
        self.found = []

    def process(self, data_batch, data_samples):
        self.results.append(1)

    def compute_metrics(self, results):
        self.found.append(next(self.scores))
        return dict(NME=self.found[-1])


def small_training(
    folder: Path, epochs: int, scores=None, resume=False, without_hook=False, **hook
) -> Runner:
    """A runner for some epochs.

    Args:
        folder: Its work folder.
        epochs: How many.
        scores: What each validation finds; without them there is no validation.
        resume: As in MMEngine.
        without_hook: Whether to say nothing of the checkpoint hook.
        hook: Settings of the checkpoint hook.
    """
    loader = dict(
        batch_size=2,
        dataset=Pairs(),
        sampler=dict(type='DefaultSampler', shuffle=False),
        collate_fn=dict(type='default_collate'),
    )
    validation = {}
    if scores is not None:
        validation = dict(
            val_dataloader=loader, val_evaluator=Evaluator(Scores(scores)), val_cfg={}
        )
    hook = {'type': 'CheckpointHook', 'interval': 1, 'save_param_scheduler': False, **hook}
    return Runner(
        model=SmallModel(),
        work_dir=str(folder),
        train_dataloader=loader,
        train_cfg=dict(by_epoch=True, max_epochs=epochs),
        optim_wrapper=dict(optimizer=dict(type='Adam', lr=1e-2)),
        default_hooks=None if without_hook else dict(checkpoint=hook),
        default_scope='mmpose',
        resume=resume,
        experiment_name=f'small_training_{next(_experiments)}',
        log_level='ERROR',
        randomness=dict(seed=0),
        **validation,
    )
