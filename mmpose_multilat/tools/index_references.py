"""Find for every test face the training face that has most in common with it, and the least.

`AddReference(reference='correlated')` in the test pipeline of a config needs it: the Reference
Heatmap Transformer is tested with the most correlated training face. The index lies beside the
images of the test set. Interrupted, the command goes on where it stopped.

Examples:
    python -m mmpose_multilat.tools.index_references CONFIG
    python -m mmpose_multilat.tools.index_references CONFIG --workers 16 \
        --cfg-options test_dataloader.dataset.ann_file=annotations/face_landmarks_300w_test.json
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Optional

from mmengine import Config
from mmengine.dataset import BaseDataset
from mmengine.registry import init_default_scope
from mmengine.utils import ProgressBar
from mmpose.registry import DATASETS

from mmpose_multilat.analysis.loading import load_config
from mmpose_multilat.datasets import AddReference
from mmpose_multilat.datasets.references import build_index
from mmpose_multilat.tools import options
from mmpose_multilat.tools.command_line import (
    UserError,
    blame_user,
    check_least,
    explain_errors,
    run_tool,
)
from mmpose_multilat.tools.result_folder import claimed, make_folder

LOADERS = ('val_dataloader', 'test_dataloader')


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = options.new_parser('index_references', __doc__)
    parser.add_argument('config', metavar='CONFIG', help='whose test pipeline has AddReference')
    parser.add_argument(
        '--workers',
        type=int,
        default=os.cpu_count() or 1,
        metavar='N',
        help='threads (default: one for each processor, here %(default)s)',
    )
    options.add_config_options(parser)
    return parser


def index(arguments: argparse.Namespace) -> None:
    """Build the index of every test set of the config.

    Raises:
        UserError: If the config cannot be read or has no reference faces, or its datasets cannot.
    """
    check_least(arguments, workers=1)
    config = load_config(arguments.config, arguments.cfg_options)
    init_default_scope('mmpose')
    for path, dataset, reference in _tasks(config):
        with blame_user():
            references = reference.faces_for(dataset)
            make_folder(path.parent, 'the folder of the index')
            with claimed(path.parent, 'the folder of the index'):
                build_index(path, dataset, references, arguments.workers, _progress_bar)
        print(f'\n{len(dataset)} faces, {len(references)} references: {path}')


def _tasks(config: Config) -> Iterator[tuple[Path, BaseDataset, AddReference]]:
    """Index, test faces and the transform that gives them references, each index once."""
    done: dict[Path, Any] = {}
    for loader in LOADERS:
        settings = (config.get(loader) or {}).get('dataset') or {}
        found = [each for each in settings.get('pipeline', ()) if _is_reference(each)]
        if not found or settings in done.values():
            continue
        with explain_errors(f'cannot read the faces of {loader}'):
            dataset = DATASETS.build({**settings, 'pipeline': []})
            reference = AddReference(**{key: found[0][key] for key in found[0] if key != 'type'})
            path = Path(reference.index_for(dataset))
        if path in done:
            raise UserError(
                f'val_dataloader and test_dataloader have other faces and the same index {path}; '
                'leave out `index` of AddReference, so that each has its own'
            )
        done[path] = settings
        yield path, dataset, reference
    if not done:
        raise UserError(
            f"{config.filename} has no dict(type='AddReference', dataset=...) in a test pipeline; "
            'an index is of use only to it'
        )


def _is_reference(transform: Any) -> bool:
    kind = transform.get('type')
    return kind is AddReference or str(kind).rpartition('.')[2] == AddReference.__name__


def _progress_bar(what: str, count: int) -> Callable[[], None]:
    """Start a progress bar over faces; gives what is called after each."""
    print(f'\n{what}', flush=True)
    return ProgressBar(count).update


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool.

    Returns:
        The exit status, see `run_tool`.
    """
    return run_tool(index, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())
