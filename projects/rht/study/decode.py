"""Decode a trained network with every decoder, and with several references and occluders.

Every condition is a pass of the network over the validation faces; `GaussianMLE` decodes it.
"""

import argparse
import copy
import json
import sys
from collections.abc import Sequence
from typing import Any, Optional

import numpy as np
import torch
from mmengine.config import Config
from mmpose.apis import init_model

from mmpose_multilat.analysis import compare_decoders
from mmpose_multilat.analysis.loading import build_loader, load_config
from mmpose_multilat.tools.command_line import run_tool
from projects.study import decode as common

INDEX = 'work_dirs/rht_study/references.json'

BANK = 'bank'
"""The neutral face of the checkpoint, or what the network takes without a reference."""

REFERENCES: dict[str, dict[str, Any]] = {
    'correlated': dict(reference='correlated', index=INDEX),
    'correlated_64px': dict(reference='correlated', index=INDEX, resolution=64),
    'correlated_32px': dict(reference='correlated', index=INDEX, resolution=32),
    'neutral': dict(reference='neutral'),
    'random': dict(reference='random', seed=0),
    'least_correlated': dict(reference='least_correlated', index=INDEX),
}
"""Arguments of `AddReference` for each column of table VII."""

OCCLUDER = dict(type='RandomOcclusion', prob=1.0, size=(0.2, 0.5))
"""Over every face: a rectangle of 20 to 50 % of the crop's sides."""

SEED = 0
"""Of the occluders, which are the same for every network."""


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = common.build_parser(__doc__)
    parser.add_argument('--references', action='store_true', help='several references too')
    return parser


def changed_config(config: Config, reference: str, occluded: bool) -> Config:
    """A config whose test pipeline adds a reference and hides a part of every face.

    Args:
        config: Of a run; it stays as it is.
        reference: `BANK` or a key of `REFERENCES`.
        occluded: Whether to hide a part.
    """
    changed = copy.deepcopy(config)
    loader = changed.test_dataloader
    *before, pack = loader.dataset.pipeline
    if occluded:
        before.append(OCCLUDER)
    if reference != BANK:
        faces = {**config.train_dataloader.dataset, 'pipeline': []}
        before.append(dict(type='AddReference', dataset=faces, **REFERENCES[reference]))
    loader.dataset.pipeline = [*before, pack]
    loader.num_workers, loader.persistent_workers = 0, False  # one sequence of random numbers
    return changed


def decode(arguments: argparse.Namespace) -> None:
    """Run the network, decode, write the errors."""
    measured, _ = common.measure(arguments.config, arguments.checkpoint)
    config = load_config(arguments.config, {})
    device = 'cuda:0' if torch.cuda.is_available() else 'cpu'
    model = init_model(config, str(arguments.checkpoint), device=device)
    references = (BANK, *REFERENCES) if arguments.references else (BANK,)
    conditions = {
        reference: {
            name: nme_with(model, changed_config(config, reference, occluded))
            for name, occluded in (('plain', False), ('occluded', True))
        }
        for reference in references
    }
    arguments.out.write_text(json.dumps(dict(measured, conditions=conditions)))


def nme_with(model: Any, config: Config) -> float:
    """NME (a fraction) of a network over the test set of a config, by its own decoder."""
    np.random.seed(SEED)
    decoder = {'own': model.head.decoder}
    results, _ = compare_decoders(
        model, build_loader(config), config.test_evaluator, decoder, timed=False
    )
    return results['own'].metrics['NME']


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(decode, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())
