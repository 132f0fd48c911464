"""What the Reference Heatmap Transformer costs: parameters, operations, time and memory of a step.

Each network is built of its 300W config with random weights, as it is and without the two
transformations of the reference. With --step one training step on synthetic faces is taken, too, in
a process of its own.

    python -m projects.rht.cost --step --out projects/rht/results/cost.json
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional

import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from mmpose.registry import DATASETS, MODELS

from mmpose_multilat.analysis.complexity import measure_complexity
from mmpose_multilat.datasets.synthetic import Request, write_data_sets
from mmpose_multilat.tools.command_line import run_tool
from projects.multilat.record import about, write_json
from projects.study.run_config import ROOT
from projects.study.tables import markdown

MODULE = 'projects.rht.cost'

FOLDER = ROOT / 'configs' / 'face_2d_keypoint' / 'rht' / '300w'

NETWORKS = {
    'RHT-R': 'rht_res50_8xb8-150e_300w-256x256-hm128',
    'RHT-H': 'rht_hrnet-w48_8xb8-150e_300w-256x256-hm128',
    'RHT-S, 32x32': 'rht-s_hrnetv2-w18_4xb32-100e_300w-256x256-hm32',
    'RHT-S, 16x16': 'rht-s_hrnetv2-w18_4xb32-100e_300w-256x256-hm16',
}

WITHOUT = dict(soft=False, hard=False)

BATCH = 8
"""Faces of a step, the paper's batch."""


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = argparse.ArgumentParser(
        prog=f'python -m {MODULE}',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add('--step', action='store_true', help=f'take a training step of {BATCH} faces, too')
    add('--one-step', choices=NETWORKS, help=argparse.SUPPRESS)
    add('--out', type=Path, help='file for the numbers (.json); a table (.md) is put beside it')
    return parser


def run(arguments: argparse.Namespace) -> None:
    """Measure, print the table, and write the files that were asked for."""
    init_default_scope('mmpose')
    if arguments.one_step:
        print(json.dumps(take_step(arguments.one_step)))
        return
    costs = []
    for name in NETWORKS:
        print(f'{name} ...', file=sys.stderr, flush=True)
        costs.append(dict(network=name, **sizes(name), **(step(name) if arguments.step else {})))
    facts = about(MODULE, arguments.words, seed=0)
    text = table(costs)
    print(text)
    if arguments.out is not None:
        write_json(arguments.out, dict(facts, results=costs))
        arguments.out.with_suffix('.md').write_text(f'{text}\n', encoding='utf-8')


def load(name: str, **network: Any) -> Config:
    """The config of a network without pretrained weights, some parts of it changed."""
    config = Config.fromfile(FOLDER / f'{NETWORKS[name]}.py')
    config.merge_from_dict({'model.backbone.init_cfg': None})
    config.model.head.network.update(network)
    return config


def sizes(name: str) -> dict[str, float]:
    """Parameters in millions and multiply-accumulate operations in 10^9, whole and without."""
    found = {}
    for label, network in (('', {}), ('_without', WITHOUT)):
        config = load(name, **network)
        model = MODELS.build(config.model).eval()
        cost = measure_complexity(model, tuple(config.codec.input_size))
        found[f'parameters_million{label}'] = cost.parameters_million
        found[f'gflops{label}'] = cost.gflops
    return found


def step(name: str) -> dict[str, float]:
    """What `take_step` measures, in a process of its own, whose memory is the network's."""
    command = [sys.executable, '-W', 'ignore', '-m', MODULE, '--one-step', name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def take_step(name: str) -> dict[str, float]:
    """Seconds of the second of two training steps, and the most memory of the process in GB."""
    torch.manual_seed(0)
    config = load(name)
    with tempfile.TemporaryDirectory() as folder:
        write_data_sets(['300w'], folder, Request(train=BATCH, test=1, size=256))
        settings = dict(config.train_dataloader.dataset, data_root=f'{folder}/300w/')
        dataset = DATASETS.build(settings)
        batch = pseudo_collate([dataset[index] for index in range(BATCH)])
    model = MODELS.build(config.model)
    model.train()
    optimizer = build_optim_wrapper(model, config.optim_wrapper)
    seconds = 0.0
    for _ in range(2):
        begun = time.monotonic()
        model.train_step(batch, optimizer)
        seconds = time.monotonic() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return dict(step_seconds=seconds, memory_gb=memory)


def table(costs: Sequence[dict[str, Any]]) -> str:
    """Rows are networks."""
    rows = [
        [
            each['network'],
            f'{each["parameters_million"]:.1f} / {each["parameters_million_without"]:.1f}',
            f'{each["gflops"]:.2f} / {each["gflops_without"]:.2f}',
            f'{each["step_seconds"]:.1f}' if 'step_seconds' in each else 'not measured',
            f'{each["memory_gb"]:.1f}' if 'memory_gb' in each else 'not measured',
        ]
        for each in costs
    ]
    header = ['network', 'parameters (M)', 'GFLOPs', f's a step of {BATCH} faces', 'memory (GB)']
    note = 'Behind the slash: without soft and hard transformation.'
    return f'{markdown(header, rows)}\n\n{note} CPU, threads: {torch.get_num_threads()}.'


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(run, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())
