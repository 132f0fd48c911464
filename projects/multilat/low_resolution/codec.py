"""Another alignment and sigma in every codec of a config."""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from mmengine.config import Config

from projects.study.run_config import ROOT

BASE_ALIGNMENT, BASE_SIGMA = 'msra', 2
"""Those of the base configs; sigma in heatmap px."""


def codec_changes(base_config: Path, alignment: str, sigma: float) -> dict[str, Any]:
    """Changes of a config that give its heatmaps another alignment and sigma.

    The head decodes and the pipeline of the training encodes with a codec of its own; both are
    changed alike. A config's list cannot be changed in part, so that the pipeline is there in full.

    Args:
        base_config: The config, relative to the repository root.
        alignment: 'msra' or 'udp'.
        sigma: Standard deviation of the Gaussians in heatmap px.

    Returns:
        A dict to be merged into the config, empty for the codec that it has.
    """
    if (alignment, sigma) == (BASE_ALIGNMENT, BASE_SIGMA):
        return {}
    settings = dict(sigma=sigma, alignment=alignment)
    pipeline = deepcopy(training_pipeline(base_config))
    for transform in pipeline:
        if 'encoder' in transform:
            transform['encoder'].update(settings)
    return dict(
        model=dict(head=dict(decoder=settings)),
        train_dataloader=dict(dataset=dict(pipeline=pipeline)),
    )


@cache
def training_pipeline(base_config: Path) -> list[dict[str, Any]]:
    """The pipeline that a config trains with; read once, not to be changed."""
    config = Config.fromfile(ROOT / base_config).to_dict()
    return config['train_dataloader']['dataset']['pipeline']
