"""Find landmarks in your own images and videos.

Inputs are images, videos, folders, patterns ("photos/**/*.jpg") and webcams (0, 1 ...), in any
mixture. Written are one line of JSON for each image or frame and, with --draw, images and
videos with the landmarks drawn in. Images are turned as their EXIF data say.

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

from mmpose_multilat.inference import FaceLandmarker, OneEuroSettings, whole_image
from mmpose_multilat.inference.batches import drop_doubtful, report_unanswered
from mmpose_multilat.inference.box_files import BoxesOfFile, with_boxes
from mmpose_multilat.inference.boxes import Detector
from mmpose_multilat.inference.detector_defaults import FACE_LABELS, LEAST_SCORE
from mmpose_multilat.inference.drawings import DRAWN, Drawings, drawing_targets
from mmpose_multilat.inference.frames import count_frames, read_frames
from mmpose_multilat.inference.inputs import find_sources
from mmpose_multilat.inference.lines import LINES, LineWriter
from mmpose_multilat.inference.problems import Problems
from mmpose_multilat.inference.tracking import FaceSmoother
from mmpose_multilat.tools.command_line import UserError, blame_user, run_tool, tell_left_out
from mmpose_multilat.tools.predict_checks import check_arguments
from mmpose_multilat.tools.predict_options import WHOLE, build_parser
from mmpose_multilat.tools.progress import Progress
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
    given = arguments.boxes
    known = None if given is None else BoxesOfFile(given, sources, problems)
    landmarker = build_landmarker(arguments)
    make_folder(arguments.out)
    progress = Progress('images and frames', count_frames(sources, arguments.max_frames))
    problems.show = progress.message
    frames = read_frames(sources, problems, arguments.max_frames, landmarker.reading)
    frames = frames if known is None else with_boxes(frames, known, problems)
    results = report_unanswered(landmarker.predict_frames(frames), problems)
    if arguments.min_score is not None:
        results = drop_doubtful(results, arguments.min_score)
    with ExitStack() as stack:
        stack.enter_context(claimed(arguments.out))
        lines = _check_results(arguments.out, arguments.overwrite)
        writers = [stack.enter_context(LineWriter(lines))]
        if arguments.draw:
            writers.append(stack.enter_context(Drawings(targets, problems, landmarker.metainfo)))
        # Closed first, so that what the writers say of Ctrl-C stands on lines of their own.
        stack.enter_context(closing(progress))
        for result in smoother(results) if smoother else results:
            for writer in writers:
                writer.write(result)
            progress.step(len(result.faces))
    _print_summary(arguments, progress.faces, problems.count)


def build_landmarker(arguments: argparse.Namespace) -> FaceLandmarker:
    """The landmarker that the command line asks for; what is left out of its pipeline is told.

    Raises:
        UserError: If it cannot be had.
    """
    landmarker = FaceLandmarker(
        arguments.model or arguments.config,
        arguments.checkpoint,
        device=arguments.device,
        detector=_build_detector(arguments),
        covariances=arguments.covariances,
        edges=bool(arguments.edges),
        batch_size=arguments.batch_size,
        cfg_options=arguments.cfg_options,
    )
    tell_left_out(landmarker.left_out)
    return landmarker


def _build_detector(arguments: argparse.Namespace) -> Optional[Detector]:
    if arguments.detector_config is None:
        return whole_image if arguments.box == WHOLE else None
    from mmpose_multilat.inference import MMDetDetector

    labels, least = arguments.detector_labels, arguments.detector_threshold
    return MMDetDetector(
        arguments.detector_config,
        arguments.detector_checkpoint,
        arguments.device,
        FACE_LABELS if labels is None else labels,
        LEAST_SCORE if least is None else least,
    )


def _build_smoother(arguments: argparse.Namespace) -> Optional[FaceSmoother]:
    if not arguments.smooth:
        return None
    chosen = {each.name: getattr(arguments, each.name) for each in fields(OneEuroSettings)}
    with blame_user('--smooth'):
        settings = OneEuroSettings(**{k: v for k, v in chosen.items() if v is not None})
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
