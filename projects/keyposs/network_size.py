"""Parameters and operations of the networks of configs; neither data nor weights are needed.

python projects/keyposs/network_size.py CONFIG ... [--out FILE.json]
"""

import argparse
import json
import sys
from pathlib import Path

from mmpose.apis import init_model

from mmpose_multilat.analysis import measure_complexity, surroundings
from mmpose_multilat.analysis.loading import load_config
from mmpose_multilat.tools.command_line import run_tool


def facts_of(path: str) -> dict:
    """Heatmap size, landmarks, parameters in millions and GFLOPs of one pass over one face."""
    config = load_config(path, {})
    model = init_model(config, None, device='cpu').eval()
    codec = model.head.decoder
    complexity = measure_complexity(model, tuple(codec.input_size))
    return dict(
        config=Path(path).name,
        heatmap_size=int(codec.heatmap_size[0]),
        landmarks=int(config.model.head.out_channels),
        parameters_million=complexity.parameters_million,
        backbone_million=sum(each.numel() for each in model.backbone.parameters()) / 1e6,
        gflops=complexity.gflops,
    )


def measure(arguments: argparse.Namespace) -> None:
    """Print a Markdown table; write the numbers if asked to."""
    networks = [facts_of(path) for path in arguments.configs]
    print('| config | parameters (M) | of the backbone | GFLOPs |\n|---|---|---|---|')
    for each in networks:
        numbers = f'{each["parameters_million"]:.3f} | {each["backbone_million"]:.3f}'
        print(f'| {each["config"]} | {numbers} | {each["gflops"]:.4f} |')
    if arguments.out:
        about = dict(date=surroundings.now(), versions=surroundings.versions())
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(json.dumps({**about, 'networks': networks}, indent=1) + '\n')


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('configs', nargs='+', help='configs of MMPose with a heatmap head')
    parser.add_argument('--out', type=Path, help='file for the numbers as JSON')
    return run_tool(measure, parser)


if __name__ == '__main__':
    sys.exit(main())
