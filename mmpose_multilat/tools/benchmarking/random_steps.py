"""Test pipelines that change faces at random."""

import sys
from typing import Any

from mmpose_multilat.datasets.transforms.training_steps import is_random, names_of
from mmpose_multilat.settings import transforms_of


def warn_of_random_steps(dataset: Any) -> None:
    """Print one line on the error stream if the numbers of a test set differ from run to run.

    Args:
        dataset: A dataset of MMPose, also one inside wrappers.
    """
    found = [each for each in transforms_of(dataset) if is_random(each)]
    if found:
        print(
            f'warning: the test pipeline has {names_of(found)}, which changes faces at random, in '
            '`mim test` too: the numbers differ from run to run. Leave it out of '
            'test_dataloader.dataset.pipeline',
            file=sys.stderr,
        )
