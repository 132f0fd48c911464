"""Decode a trained network with every setting that needs no training.

One pass of the network over the validation faces, and another one over shrunk boxes; every decoder
sees the same heatmaps or vectors.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from typing import Any, Optional

import numpy as np
import torch
from mmpose.apis import init_model

from mmpose_multilat.analysis import LABELS, settings_of_heatmaps
from mmpose_multilat.analysis.loading import load_config
from mmpose_multilat.codecs import GaussianVector
from mmpose_multilat.multilateration import REFINEMENTS
from mmpose_multilat.tools.command_line import run_tool
from projects.study.decode import build_parser
from projects.study.log import nme_by_epoch

from .looks import Look, look, padding_of
from .recipes import SHRUNK_PADDING

TAUS = (1.0, 2.0, 3.0, 4.0)
"""Heights that the beyond-box rule may assume for vectors: 2 is the paper's best, 4 the label's."""

HEATMAP_TAU = 1.0
"""The height that it assumes for heatmaps, that of their labels."""

OWN = 'own'
"""Label of the codec of the config: what `mim test` decodes with."""

Key = tuple[str, Optional[float]]
"""A decoder, and tau of the beyond-box rule, None without the rule."""


def decode(arguments: argparse.Namespace) -> None:
    """Run the network, decode, write the errors."""
    begun = time.monotonic()
    config = load_config(arguments.config, {})
    device = 'cuda:0' if torch.cuda.is_available() else 'cpu'
    model = init_model(config, str(arguments.checkpoint), device=device)
    codecs = codecs_like(model.head.decoder)
    own = padding_of(config)
    looks = {
        padding: look(model, config, padding, codecs) for padding in sorted({own, SHRUNK_PADDING})
    }
    faces, landmarks = looks[own].outside.shape
    rows = [row for padding, seen in looks.items() for row in rows_of(padding, seen)]
    measured = dict(
        faces=faces,
        landmarks=landmarks,
        device=torch.cuda.get_device_name(device) if 'cuda' in device else 'CPU',
        threads=torch.get_num_threads(),
        decode_seconds=round(time.monotonic() - begun, 1),
        nme=headline(rows, own),
        # The checkpoint lies in the work folder of its training.
        nme_by_epoch=nme_by_epoch(arguments.checkpoint.parent),
        boxes=[box_of(padding, seen) for padding, seen in looks.items()],
        decoding=rows,
    )
    arguments.out.write_text(json.dumps(measured))


def codecs_like(codec: Any) -> dict[Key, Any]:
    """Every codec that reads the heatmaps or vectors of a codec, with and without the rule."""
    geometry = settings_of_heatmaps(codec)
    if not isinstance(codec, GaussianVector):
        return {
            (label, tau): kind(**geometry, beyond_box=tau is not None)
            for kind, label in LABELS.items()
            for tau in (None, HEATMAP_TAU)
        }
    labels = dict(theta=codec.theta, rounded=codec.rounded)
    found: dict[Key, Any] = {(OWN, None): codec}
    for refine in REFINEMENTS:
        for tau in (None, *TAUS):
            rule = dict(beyond_box=tau is not None, tau=tau)
            found[refine, tau] = GaussianVector(**geometry, **labels, refine=refine, **rule)
    return found


def rows_of(padding: float, seen: Look) -> list[dict[str, Any]]:
    """The errors of every decoder, as fractions; None for a mean over no landmark."""
    rows = []
    for (decoder, tau), errors in seen.errors.items():
        nme, outside = mean(errors), mean(errors[seen.outside])
        rows.append(dict(padding=padding, decoder=decoder, tau=tau, nme=nme, nme_outside=outside))
    return rows


def box_of(padding: float, seen: Look) -> dict[str, Any]:
    """What a crop means: the fraction of landmarks outside, the mean of the largest responses."""
    return dict(padding=padding, outside=float(seen.outside.mean()), height=seen.height)


def headline(rows: Sequence[dict[str, Any]], padding: float) -> dict[str, float]:
    """NME by decoder without the rule, on faces cropped like those of the training."""
    return {
        row['decoder']: row['nme']
        for row in rows
        if row['padding'] == padding and row['tau'] is None
    }


def mean(errors: np.ndarray) -> Optional[float]:
    """Mean of the errors that count."""
    counted = errors[np.isfinite(errors)]
    return float(counted.mean()) if counted.size else None


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(decode, build_parser(__doc__), arguments)


if __name__ == '__main__':
    sys.exit(main())
