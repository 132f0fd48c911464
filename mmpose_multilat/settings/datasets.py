"""The datasets that stand in a loader, inside wrappers of any depth."""

from collections.abc import Iterator, Mapping
from typing import Any

Settings = Mapping[str, Any]


def plain_settings(settings: Any, place: str) -> dict[str, Settings]:
    """The settings of the datasets that wrap no other one.

    Args:
        settings: Those of a dataset, such as `ConcatDataset`, `RepeatDataset` or `CombinedDataset`.
        place: Its key, for example 'test_dataloader.dataset'.

    Returns:
        Settings by their key, as `--cfg-options` writes it; the first of the loader comes first.
    """
    inner = inner_settings(settings, place)
    if not inner:
        return {place: settings} if isinstance(settings, Mapping) else {}
    return {
        key: plain
        for name, each in inner.items()
        for key, plain in plain_settings(each, name).items()
    }


def pipelines_of(config: Settings, loader: str = 'test_dataloader') -> dict[str, list[Any]]:
    """The pipelines of the datasets of a loader, each with what its wrappers add.

    Args:
        config: A config of MMPose.
        loader: Name of the loader.

    Returns:
        Settings of the transforms from the image to the network, by the key of their dataset; empty
        without such a loader.
    """
    return _pipelines(dataset_settings(config, loader), f'{loader}.dataset')


def dataset_settings(config: Settings, loader: str) -> Any:
    """The settings of the dataset of a loader, None if a config has none."""
    return (config.get(loader) or {}).get('dataset')


def _pipelines(settings: Any, place: str) -> dict[str, list[Any]]:
    if not isinstance(settings, Mapping):
        return {}
    own = list(settings.get('pipeline') or ())
    inner = inner_settings(settings, place)
    if not inner:
        return {place: own}
    return {
        key: steps + own
        for name, each in inner.items()
        for key, steps in _pipelines(each, name).items()
    }


def inner_settings(settings: Any, place: str) -> dict[str, Any]:
    """The settings of what a dataset wraps, by key; none for a plain one.

    Args:
        settings: Those of the dataset.
        place: Its key.
    """
    if not isinstance(settings, Mapping):
        return {}
    one, several = settings.get('dataset'), settings.get('datasets')
    inner = {f'{place}.dataset': one} if isinstance(one, Mapping) else {}
    if isinstance(several, (list, tuple)):
        inner |= {f'{place}.datasets.{index}': each for index, each in enumerate(several)}
    return inner


def plain_datasets(dataset: Any) -> Iterator[Any]:
    """The datasets that wrap no other one, in a dataset that has been built."""
    inner = _inner_datasets(dataset)
    if not inner:
        yield dataset
    for each in inner:
        yield from plain_datasets(each)


def transforms_of(dataset: Any) -> Iterator[Any]:
    """The transforms of a dataset that has been built and of all that it wraps.

    Those that `RandomApply`, for example, holds follow it; none if there is no pipeline.
    """
    for each in _inner_datasets(dataset):
        yield from transforms_of(each)
    yield from _inner_transforms(getattr(dataset, 'pipeline', None))


def _inner_datasets(dataset: Any) -> list[Any]:
    inner = [*getattr(dataset, 'datasets', ()), getattr(dataset, 'dataset', None)]
    return [each for each in inner if each is not None]


def _inner_transforms(wrapper: Any) -> Iterator[Any]:
    """The transforms inside a pipeline, a transform or a list."""
    inner = wrapper if isinstance(wrapper, (list, tuple)) else getattr(wrapper, 'transforms', ())
    if not isinstance(inner, (list, tuple)):  # RandomApply holds a pipeline
        inner = [inner]
    for each in inner:
        yield each
        yield from _inner_transforms(each)
