"""Options that several tools share, defined once."""

import argparse
from pathlib import Path
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


def new_parser(tool: str, description: str, **settings: Any) -> argparse.ArgumentParser:
    """The parser of a tool.

    Args:
        tool: Its name.
        description: What --help says first, in lines as they are.
        settings: Further arguments of `ArgumentParser`.
    """
    shown_as_written = argparse.RawDescriptionHelpFormatter
    return argparse.ArgumentParser(
        tool, description=description, formatter_class=shown_as_written, **settings
    )


def add_network(
    parser: argparse.ArgumentParser, config: str = 'config of MMPose', nargs: Optional[str] = None
) -> None:
    """Define CONFIG and CHECKPOINT.

    Args:
        parser: The parser.
        config: What the config must be, for --help.
        nargs: '?' if both may be missing.
    """
    parser.add_argument('config', nargs=nargs, help=config)
    parser.add_argument('checkpoint', nargs=nargs, help='its checkpoint (.pth)')


def add_config_options(
    parser: argparse.ArgumentParser,
    example: str = 'test_dataloader.dataset.data_root=data/wflw',
) -> None:
    """Define --cfg-options, with an example for --help."""
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=ConfigOptions,
        default={},
        metavar='KEY=VALUE',
        help=f'changes of the config, e.g. {example}',
    )


def add_out(parser: argparse.ArgumentParser, default: str) -> None:
    """Define --out, the folder of the results."""
    parser.add_argument(
        '--out', type=Path, default=Path(default), help='result folder (default: %(default)s)'
    )


def add_device(parser: argparse.ArgumentParser) -> None:
    """Define --device."""
    parser.add_argument('--device', help="'cpu', 'cuda:0' ... (default: a GPU if there is one)")


def add_decoders(parser: argparse.ArgumentParser, example: str, default: str) -> None:
    """Define --decoders, the words that `choose_decoders` takes; example and default for --help."""
    parser.add_argument(
        '--decoders',
        nargs='+',
        default=[],
        metavar='NAME[:SETTING=VALUE,...]',
        help=f'for example {example} (default: {default})',
    )


def add_limit(parser: argparse.ArgumentParser) -> None:
    """Define --limit, how many faces to keep."""
    parser.add_argument(
        '--limit', type=int, metavar='N', help='N faces spread over the test set (default: all)'
    )
