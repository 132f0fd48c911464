"""Decode a trained network with every decoder and with many settings of POPoS.

One pass of the network over the validation faces; every decoder sees the same heatmaps.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional

import torch
from mmpose.apis import init_model

from mmpose_multilat.codecs import POPoS
from mmpose_multilat.tools.command_line import run_tool
from mmpose_multilat.tools.compare_decoders import build_loader, load_config
from mmpose_multilat.tools.decoder_comparison import compare_decoders, decoders_like

ANCHORS = (4, 6, 8, 10, 15, 20, 25, 30, 40)
RANGES = (0.2, 0.5, 1.0, 1.5, 2.0, 3.0)
RATES = (1, 2, 3, 5, 10, 20)

FAMILIES: dict[str, tuple[str, Sequence[float], dict[str, Any]]] = {
    'anchors': ('num_anchors', ANCHORS, dict(solver='exact')),
    'anchors_grid': ('num_anchors', ANCHORS, dict(solver='grid')),
    'range': ('sampling_range', RANGES, dict(solver='grid', num_anchors=10)),
    'rate': ('sampling_rate', RATES, dict(solver='grid', num_anchors=10)),
}
"""Ablations of POPoS' decoder: the setting, its values, and what stays the same. Range in heatmap
px, rate in candidates per heatmap px; where they are not varied they are the paper's, 1 and 10."""


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config of the run')
    parser.add_argument('checkpoint', type=Path, help='its checkpoint (.pth)')
    parser.add_argument('--out', type=Path, required=True, help='JSON file to write')
    parser.add_argument('--many-settings', action='store_true', help='ablations of POPoS too')
    return parser


def decode(arguments: argparse.Namespace) -> None:
    """Run the network, decode, write the errors."""
    begun = time.monotonic()
    config = load_config(arguments.config, {})
    device = 'cuda:0' if torch.cuda.is_available() else 'cpu'
    model = init_model(config, str(arguments.checkpoint), device=device)
    decoders = decoders_like(model.head.decoder)
    many = popos_variants(model.head.decoder) if arguments.many_settings else {}
    variants = {f'{family} {value:g}': codec for (family, value), codec in many.items()}
    loader = build_loader(config)
    results, _ = compare_decoders(model, loader, config.test_evaluator, {**decoders, **variants})
    nme = {label: result.metrics['NME'] for label, result in results.items()}
    families = {family: [] for family, _ in many}
    for family, value in many:
        families[family].append([value, nme[f'{family} {value:g}']])
    measured = dict(
        faces=len(loader.dataset),
        landmarks=loader.dataset.metainfo['num_keypoints'],
        device=torch.cuda.get_device_name(device) if 'cuda' in device else 'CPU',
        threads=torch.get_num_threads(),
        decode_seconds=round(time.monotonic() - begun, 1),
        nme={label: nme[label] for label in decoders},
        decoding=families,
    )
    arguments.out.write_text(json.dumps(measured))


def popos_variants(codec: Any) -> dict[tuple[str, float], POPoS]:
    """POPoS with every setting of `FAMILIES` for the heatmaps of a codec.

    Returns:
        Codecs by (family, value).
    """
    common = dict(
        input_size=codec.input_size,
        heatmap_size=codec.heatmap_size,
        sigma=codec.sigma,
        alignment=codec.alignment,
    )
    return {
        (family, value): POPoS(**common, **settings, **{name: value})
        for family, (name, values, settings) in FAMILIES.items()
        for value in values
    }


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(decode, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())
