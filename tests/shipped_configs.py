"""The configs of the package, and how a command line changes them."""

import argparse
from pathlib import Path
from typing import Any

from mmengine import Config, DictAction

ROOT = Path(__file__).parents[1] / 'configs'
CONFIGS = sorted(ROOT.glob('face_2d_keypoint/*/*/*.py'))


def override(path: Path, *options: str) -> Config:
    """Apply options as ``--cfg-options`` of the training tool does."""
    parser = argparse.ArgumentParser()
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    config = Config.fromfile(path)
    config.merge_from_dict(parser.parse_args(['--cfg-options', *options]).cfg_options)
    return config


def set_sizes(settings: Any, input_size: tuple[int, int], heatmap_size: tuple[int, int]) -> None:
    """Give every crop and every codec in these settings other sizes, to make a run cheaper."""
    if isinstance(settings, dict):
        sizes = dict(input_size=input_size, heatmap_size=heatmap_size)
        settings.update({key: size for key, size in sizes.items() if key in settings})
    if isinstance(settings, (dict, list, tuple)):
        for value in settings.values() if isinstance(settings, dict) else settings:
            set_sizes(value, input_size, heatmap_size)
