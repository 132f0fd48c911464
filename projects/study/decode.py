"""Decode a trained network with every decoder.

One pass of the network over the validation faces; every decoder sees the same heatmaps.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

import torch
from mmpose.apis import init_model

from mmpose_multilat.analysis import compare_decoders, decoders_like
from mmpose_multilat.analysis.loading import build_loader, load_config
from mmpose_multilat.codecs import HeatmapCodec
from mmpose_multilat.tools.command_line import run_tool

Variants = Callable[[Any], Mapping[str, HeatmapCodec]]
"""Gives further decoders by label for the heatmaps of a codec."""


def build_parser(description: Optional[str] = __doc__) -> argparse.ArgumentParser:
    """Define the command line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('config', help='config of the run')
    parser.add_argument('checkpoint', type=Path, help='its checkpoint (.pth)')
    parser.add_argument('--out', type=Path, required=True, help='JSON file to write')
    return parser


def no_variants(codec: Any) -> dict[str, HeatmapCodec]:
    """Only the decoders that every study compares."""
    return {}


def measure(
    config_path: str, checkpoint: Path, variants: Variants = no_variants
) -> tuple[dict[str, Any], dict[str, float]]:
    """Run the network and decode.

    Args:
        config_path: Config of the run.
        checkpoint: Its checkpoint.
        variants: Decoders beside one of each kind.

    Returns:
        What the run's record says about the decoding, and the NME (a fraction) of the variants.
    """
    begun = time.monotonic()
    config = load_config(config_path, {})
    device = 'cuda:0' if torch.cuda.is_available() else 'cpu'
    model = init_model(config, str(checkpoint), device=device)
    decoders, more = decoders_like(model.head.decoder), variants(model.head.decoder)
    loader = build_loader(config)
    every = {**decoders, **more}
    results, _ = compare_decoders(model, loader, config.test_evaluator, every, timed=False)
    nme = {label: result.metrics['NME'] for label, result in results.items()}
    measured = dict(
        faces=len(loader.dataset),
        landmarks=loader.dataset.metainfo['num_keypoints'],
        device=torch.cuda.get_device_name(device) if 'cuda' in device else 'CPU',
        threads=torch.get_num_threads(),
        decode_seconds=round(time.monotonic() - begun, 1),
        nme={label: nme[label] for label in decoders},
    )
    return measured, {label: nme[label] for label in more}


def decode(arguments: argparse.Namespace) -> None:
    """Run the network, decode, write the errors."""
    measured, _ = measure(arguments.config, arguments.checkpoint)
    arguments.out.write_text(json.dumps(measured))


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(decode, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())
