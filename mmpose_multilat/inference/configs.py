"""Configs with changes, as everything of this package reads them."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmpose_multilat.engine.hooks.replaced_imports import describe_replaced_imports
from mmpose_multilat.errors import SettingsWarning, UserError, explain_errors


def load_config(path: str, options: Mapping[str, Any]) -> Config:
    """Read a config and apply changes to it; a warning names modules lost from its base.

    Raises:
        UserError: If there is no such file, it cannot be read, the changes do not fit it, or it
            tests in a way that the tools do not.
    """
    if not Path(path).is_file():
        raise UserError(f'config {path} does not exist')
    with explain_errors(f'config {path} cannot be read'):
        config = Config.fromfile(path)
    with explain_errors(f'`cfg_options` do not fit config {path}'):
        config.merge_from_dict(dict(options))
    warning = describe_replaced_imports(config)
    if warning:
        warnings.warn(warning, SettingsWarning, stacklevel=2)
    check_test_loop(config)
    return config


def check_test_loop(config: Config) -> None:
    """Refuse a config whose test loop calculates otherwise than this package does.

    Raises:
        UserError: If it tests in half precision.
    """
    if (config.get('test_cfg') or {}).get('fp16', False):
        raise UserError(
            'test_cfg.fp16=True tests in half precision, and here all is calculated in single '
            'precision; add `cfg_options` test_cfg.fp16=False to see what that gives'
        )
