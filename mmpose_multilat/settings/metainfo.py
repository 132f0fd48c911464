"""What is known of the landmarks of a network: from its checkpoint, else from its config.

MMPose takes the landmarks of COCO's body where it finds nothing. That is never right here: with
equally many landmarks the flip test would exchange wrong ones without a word.
"""

from collections.abc import Mapping
from typing import Any, Optional

from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.registry import DATASETS

from .classes import class_of
from .datasets import dataset_settings, inner_settings

Metainfo = dict[str, Any]

LOADERS = 'train_dataloader', 'val_dataloader', 'test_dataloader'
"""Of a config, those first that know most about what a network has learnt."""

PARTNERS = 'flip_indices'
RAW = 'keypoint_info'
"""Of metainfo as files and classes give it, before MMPose has parsed it."""


def metainfo_of(checkpoint: Any, config: Mapping[str, Any]) -> Metainfo:
    """What a checkpoint says of its landmarks, else what its config says.

    Args:
        checkpoint: What the file holds.
        config: A config of MMPose.

    Returns:
        Metainfo as MMPose's datasets have it, parsed; empty if neither knows `flip_indices`.

    Raises:
        ValueError: If the checkpoint says nothing and all that the config says cannot be read.
    """
    return metainfo_of_checkpoint(checkpoint) or metainfo_of_config(config)


def metainfo_of_checkpoint(checkpoint: Any) -> Metainfo:
    """What the training has left in a checkpoint (`meta['dataset_meta']`), empty if nothing.

    Earlier releases of OpenMMLab wrote the keys in capitals.
    """
    meta = checkpoint.get('meta') if isinstance(checkpoint, Mapping) else None
    found = meta.get('dataset_meta') if isinstance(meta, Mapping) else None
    for each in found if isinstance(found, (list, tuple)) else [found]:
        if not isinstance(each, Mapping):
            continue
        known = {str(key).lower(): value for key, value in each.items()}
        # A file of anybody may name no other file, which would be run.
        if RAW in known and PARTNERS not in known and 'from_file' not in known:
            known = parse_pose_metainfo(known)
        if PARTNERS in known:
            return known
    return {}


def metainfo_of_config(config: Mapping[str, Any]) -> Metainfo:
    """What the datasets of a config say: of the first loader that says something.

    Args:
        config: A config of MMPose; nothing of its data need be there.

    Returns:
        Metainfo, empty if no dataset has any.

    Raises:
        ValueError: If no dataset has any that can be read.
    """
    faults = []
    for loader in LOADERS:
        try:
            found = _metainfo(dataset_settings(config, loader), f'{loader}.dataset')
        except Exception as error:  # a file of metainfo is Python and may raise anything
            faults.append(f'{loader}: {type(error).__name__}: {error}')
            continue
        if found:
            return found
    if faults:
        raise ValueError(f'the metainfo of the config cannot be read: {"; ".join(faults)}')
    return {}


def _metainfo(settings: Any, place: str) -> Optional[Metainfo]:
    """The metainfo that a dataset would have; that of the first inside a wrapper without any."""
    if not isinstance(settings, Mapping):
        return None
    if settings.get('metainfo'):
        return parse_pose_metainfo(settings['metainfo'])
    for name, each in inner_settings(settings, place).items():
        found = _metainfo(each, name)
        if found:
            return found
    raw = getattr(class_of(settings, DATASETS), 'METAINFO', None)
    return parse_pose_metainfo(raw) if raw else None


def flip_partners(metainfo: Mapping[str, Any]) -> list[int]:
    """Index of the landmark on the other side for each landmark, for the flip test.

    Args:
        metainfo: What `metainfo_of` has returned.

    Raises:
        ValueError: If it does not say.
    """
    if PARTNERS not in metainfo:
        loaders = ', '.join(LOADERS)
        raise ValueError(
            'the flip test needs to know which landmarks mirror each other, and neither the '
            f"checkpoint (meta['dataset_meta']) nor the config says so (metainfo of the dataset in "
            f'{loaders}); give one of these datasets a metainfo whose landmarks have `swap`, or '
            'leave the flip test out'
        )
    return [int(index) for index in metainfo[PARTNERS]]
