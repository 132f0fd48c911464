"""`--cfg-options` of the tools."""

import argparse
from typing import Any, Optional, Union

from mmengine.config import DictAction


class ConfigOptions(DictAction):
    """MMEngine's `DictAction`, which ends in a traceback where a word is no KEY=VALUE."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: Optional[Union[str, list]] = None,
    ) -> None:
        """Read the words.

        Raises:
            argparse.ArgumentError: If one of them is something else.
        """
        wrong = [word for word in values if '=' not in word]
        if wrong:
            raise argparse.ArgumentError(self, f'{wrong[0]!r} is no KEY=VALUE')
        super().__call__(parser, namespace, values, option_string)
