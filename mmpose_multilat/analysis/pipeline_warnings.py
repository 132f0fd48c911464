"""What the test pipeline of a config does to the numbers that are measured with it."""

import warnings
from collections.abc import Iterable
from typing import Any

from torch.utils.data import DataLoader

from mmpose_multilat.datasets.transforms.training_steps import is_random, names_of
from mmpose_multilat.engine.hooks.codec_agreement import describe_crops
from mmpose_multilat.errors import SettingsWarning
from mmpose_multilat.settings import transforms_of


def warn_of_pipeline(loader: DataLoader, decoders: Iterable[Any]) -> None:
    """Warn of steps that change faces at random, and of crops that a decoder does not correct for.

    The latter are those of MMPose's `TopdownAffine(use_udp=True)`, which its estimators undo for
    one codec only.

    Args:
        loader: A test set of MMPose, also one inside wrappers.
        decoders: Codecs that will decode the heatmaps of its faces.
    """
    found = [each for each in transforms_of(loader.dataset) if is_random(each)]
    if found:
        warnings.warn(
            f'the test pipeline has {names_of(found)}, which changes faces at random, in '
            '`mim test` too: the numbers differ from run to run. Leave it out of '
            'test_dataloader.dataset.pipeline',
            SettingsWarning,
            stacklevel=2,
        )
    described = (describe_crops(loader, decoder) for decoder in decoders)
    warning = next(filter(None, described), None)
    if warning:
        warnings.warn(warning, SettingsWarning, stacklevel=2)
