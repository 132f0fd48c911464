"""Decode a trained network with every decoder and with many settings of POPoS.

One pass of the network over the validation faces; every decoder sees the same heatmaps.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Optional

from mmpose_multilat.analysis import settings_of_heatmaps
from mmpose_multilat.codecs import POPoS
from mmpose_multilat.tools.command_line import run_tool
from projects.study import decode as common

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
    parser = common.build_parser(__doc__)
    parser.add_argument('--many-settings', action='store_true', help='ablations of POPoS too')
    return parser


def decode(arguments: argparse.Namespace) -> None:
    """Run the network, decode, write the errors."""
    settings = list(all_settings()) if arguments.many_settings else []

    def variants(codec: Any) -> dict[str, POPoS]:
        return {label(*each): popos_variant(codec, *each) for each in settings}

    measured, nme = common.measure(arguments.config, arguments.checkpoint, variants)
    decoding = [dict(family=each[0], value=each[1], nme=nme[label(*each)]) for each in settings]
    more = dict(decoding=decoding) if decoding else {}
    arguments.out.write_text(json.dumps(dict(measured, **more)))


def all_settings() -> Iterator[tuple[str, float]]:
    """Every family of `FAMILIES` with every value."""
    return ((family, value) for family, (_, values, _) in FAMILIES.items() for value in values)


def label(family: str, value: float) -> str:
    """What a setting is called among the decoders."""
    return f'{family} {value:g}'


def popos_variant(codec: Any, family: str, value: float) -> POPoS:
    """POPoS with a setting of `FAMILIES` for the heatmaps of a codec."""
    name, _, settings = FAMILIES[family]
    return POPoS(**settings_of_heatmaps(codec), **settings, **{name: value})


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(decode, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())
