"""The configs that another one is built on."""

from collections.abc import Iterator
from pathlib import Path

from mmengine.config import Config


def base_configs(path: str) -> Iterator[tuple[Path, Config]]:
    """Read the bases of a config and theirs, at every depth; the deepest comes first.

    Args:
        path: The file of the config.

    Yields:
        File and content of each base. One that several configs are built on comes several times.
    """
    for written in Config._get_base_files(path):
        base, _ = Config._get_cfg_path(written, path)
        yield from base_configs(base)
        yield Path(base), Config.fromfile(base, import_custom_modules=False)
