"""`--cfg-options` of the tools."""

import argparse
from typing import Any, Optional, Union


class ConfigOptions(argparse.Action):
    """MMEngine's `DictAction`, which ends in a traceback where a word is no KEY=VALUE.

    MMEngine is imported when there are such words: an exported network has to do without.
    """

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
        from mmengine.config import DictAction

        read = DictAction(self.option_strings, self.dest, nargs=self.nargs)
        read(parser, namespace, values, option_string)
