"""Find landmarks in your own pictures and videos.

Inputs are pictures, videos, folders, patterns ("photos/**/*.jpg") and webcams (0, 1 ...), in any
mixture. Written are one line of JSON for each picture or frame and, with --draw, pictures and
videos with the landmarks drawn in. Pictures are turned as their EXIF data say.

Boxes (--boxes) are a JSON object with a list of [x, y, w, h] in px for each file:
    {"a.jpg": [[10, 20, 64, 64]], "film.mp4": [[5, 5, 90, 90]]}
Those of a video hold for all of its frames. They should lie round the landmarks as in training,
mostly from the brows to the chin; the test pipeline of the config pads them.

With --covariances every landmark gets the covariance of its likely error. It follows from the
noise of the heatmap alone; the decoder's covariance_scale fits it to a network's real errors.

Examples:
    python -m mmpose_multilat.tools.predict photos film.mp4 --config CONFIG --checkpoint FILE --draw
    python -m mmpose_multilat.tools.predict 0 --model FILE.onnx --smooth --draw

Exit status: 0 all read, 1 something was skipped or is doubtful, 2 a mistake in the command, 130
after Ctrl-C.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import fields
from pathlib import Path
from typing import Optional

from mmpose_multilat.tools.command_line import UserError, run_tool
from mmpose_multilat.tools.devices import choose_device
from mmpose_multilat.tools.prediction.batches import (
    drop_doubtful,
    predict_frames,
    report_unanswered,
)
from mmpose_multilat.tools.prediction.checks import check_arguments
from mmpose_multilat.tools.prediction.drawings import DRAWN, Drawings, drawing_targets
from mmpose_multilat.tools.prediction.frames import count_frames, read_frames
from mmpose_multilat.tools.prediction.inputs import find_sources
from mmpose_multilat.tools.prediction.landmark_model import edges_of
from mmpose_multilat.tools.prediction.lines import LINES, LineWriter
from mmpose_multilat.tools.prediction.options import build_parser
from mmpose_multilat.tools.prediction.problems import Problems
from mmpose_multilat.tools.prediction.progress import Progress
from mmpose_multilat.tools.prediction.setup import choose_boxes, load_network
from mmpose_multilat.tools.prediction.smoothing import OneEuroSettings
from mmpose_multilat.tools.prediction.tracking import FaceSmoother
from mmpose_multilat.tools.result_folder import claimed, make_folder

SKIPPED = 1
"""Exit status when something could not be used or believed."""


def predict(arguments: argparse.Namespace, problems: Problems) -> None:
    """Read, find, write.

    Raises:
        UserError: If something does not fit, before anything is written.
    """
    check_arguments(arguments)
    sources = find_sources(arguments.inputs, problems)
    targets = drawing_targets(arguments.out, sources) if arguments.draw else {}
    smoother = _build_smoother(arguments)
    device = _torch_device(arguments)
    find_boxes = choose_boxes(arguments, sources, problems, device)
    model, cut = load_network(arguments, device)
    find_edges = edges_of(model) if arguments.edges else None
    make_folder(arguments.out)
    progress = Progress(count_frames(sources, arguments.max_frames))
    problems.show = progress.message
    frames = read_frames(sources, problems, arguments.max_frames, cut.reading)
    results = predict_frames(frames, find_boxes, cut, model, arguments.batch_size, find_edges)
    results = report_unanswered(results, problems)
    if arguments.min_score is not None:
        results = drop_doubtful(results, arguments.min_score)
    with ExitStack() as stack:
        stack.enter_context(claimed(arguments.out))
        lines = _check_results(arguments.out, arguments.overwrite)
        writers = [stack.enter_context(LineWriter(lines))]
        if arguments.draw:
            writers.append(stack.enter_context(Drawings(targets, problems, model.metainfo)))
        # Closed first, so that what the writers say of Ctrl-C stands on lines of their own.
        stack.enter_context(closing(progress))
        for result in smoother(results) if smoother else results:
            for writer in writers:
                writer.write(result)
            progress.step(len(result.faces))
    _print_summary(arguments, progress.faces, problems.count)


def _torch_device(arguments: argparse.Namespace) -> str:
    """Device of what PyTorch calculates; ONNX Runtime need not have the same devices."""
    uses_torch = arguments.model is None or arguments.detector_config is not None
    return choose_device(arguments.device) if uses_torch else ''


def _build_smoother(arguments: argparse.Namespace) -> Optional[FaceSmoother]:
    if not arguments.smooth:
        return None
    chosen = {each.name: getattr(arguments, each.name) for each in fields(OneEuroSettings)}
    try:
        settings = OneEuroSettings(**{k: v for k, v in chosen.items() if v is not None})
    except ValueError as error:
        raise UserError(f'--smooth: {error}') from error
    return FaceSmoother(settings)


def _check_results(folder: Path, overwrite: bool) -> Path:
    """The file of the lines.

    Raises:
        UserError: If earlier results are there.
    """
    lines = folder / LINES
    if lines.exists() and not overwrite:
        raise UserError(f'{lines} exists; add --overwrite to replace it, or choose another --out')
    return lines


def _print_summary(arguments: argparse.Namespace, faces: int, skipped: int) -> None:
    drawn = f', {DRAWN}/' if arguments.draw else ''
    print(f'{faces} faces; written to {arguments.out}: {LINES}{drawn}')
    if skipped:
        print(f'{skipped} skipped or doubtful, see above', file=sys.stderr)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool.

    Returns:
        The exit status, see the module.
    """
    problems = Problems()
    status = run_tool(lambda parsed: predict(parsed, problems), build_parser(__doc__), arguments)
    return status or (SKIPPED if problems.count else 0)


if __name__ == '__main__':
    sys.exit(main())
