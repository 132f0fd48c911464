"""Finding what our tools have measured: folders of `benchmark`, files of `encode_decode`."""

from collections.abc import Sequence
from pathlib import Path

from mmpose_multilat.analysis.benchmarking import records as benchmarks
from mmpose_multilat.analysis.benchmarking.records import Benchmark
from mmpose_multilat.analysis.encoding import records as encodings
from mmpose_multilat.analysis.encoding.records import Encoding
from mmpose_multilat.errors import UserError


def find_results(
    paths: Sequence[Path],
) -> tuple[list[tuple[Path, Benchmark]], list[Encoding]]:
    """Read all results in some folders and the folders below them, and single files.

    Args:
        paths: Folders or files; of a file in several of them only the first counts.

    Returns:
        Folder and content of each benchmark, and the contents of all files of `encode_decode`.

    Raises:
        UserError: If a path holds neither, or a file is damaged.
    """
    files: dict[Path, Path] = {}
    folders = []
    for path in paths:
        of_encoding = encodings.find_files(path)
        files.update({each.resolve(): each for each in of_encoding})
        has_benchmark = path.is_dir() and any(path.rglob(benchmarks.FILE_NAME))
        if has_benchmark or (path.is_file() and not of_encoding):
            folders.append(path)
        elif not of_encoding:
            raise UserError(
                f'{path} holds no {benchmarks.FILE_NAME} and no file of encode_decode; '
                '`benchmark` and `encode_decode` write them by `out`'
            )
    return list(benchmarks.find(folders)), [encodings.load(each) for each in files.values()]
