"""All decoders and heatmap sizes over the faces of an annotation file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Optional

from mmengine.utils import ProgressBar
from torch import Tensor

from mmpose_multilat.analysis import surroundings
from mmpose_multilat.analysis.registered import settings_of
from mmpose_multilat.analysis.timing import Timing, decode_once, measure_time
from mmpose_multilat.codecs import HeatmapCodec
from mmpose_multilat.errors import blame_user
from mmpose_multilat.evaluation import Predictions, evaluate
from mmpose_multilat.evaluation.summary import FULL

from .faces import CROP_PADDING, INPUT_SIZE
from .records import Encoding, EncodingResult
from .round_trip import Heatmaps, encode_batches, fitting_decoders, round_trip

Batch = tuple[Tensor, Tensor]


def measure(
    faces: Predictions,
    annotations: str,
    sizes: Sequence[Heatmaps],
    decoders: Sequence[str],
    normalisers: Sequence[str],
    batch_size: int,
    timed: bool,
    command: str,
) -> Encoding:
    """Encode and decode all faces at every heatmap size, with a progress bar.

    Args:
        faces: What `read_faces` has read.
        annotations: File name of the annotations.
        sizes: Heatmaps that differ in size only.
        decoders: Words as `choose_decoders` takes them; each is left out where it does not fit.
        normalisers: What errors are divided by.
        batch_size: Faces decoded at once.
        timed: Whether to measure times, too.
        command: How to do it again.

    Returns:
        The record.

    Raises:
        UserError: If a decoder has put out something that is not finite.
    """
    progress = ProgressBar(len(sizes) * -(-len(faces) // batch_size))
    results = []
    for heatmaps in sizes:
        fitting = fitting_decoders(decoders, heatmaps)
        batches = _counted(encode_batches(faces, heatmaps, batch_size), progress)
        found = round_trip(faces, fitting, batches)
        first = next(encode_batches(faces, heatmaps, batch_size))
        times = measure_times(fitting, first[1]) if timed else {}
        results += [
            _result(label, codec, heatmaps.size, found[label], normalisers, times.get(label))
            for label, codec in fitting.items()
        ]
    print()  # the progress bar does not end its line
    return Encoding(
        annotations=annotations,
        command=command,
        **surroundings.describe('cpu'),
        faces=len(faces),
        landmarks=faces.true.shape[1],
        input_size=INPUT_SIZE,
        crop_padding=CROP_PADDING,
        sigma=sizes[0].sigma,
        alignment=sizes[0].alignment,
        noise=sizes[0].noise,
        seed=sizes[0].seed,
        batch_size=min(batch_size, len(faces)),
        normalisers=list(normalisers),
        results=results,
    )


def measure_times(decoders: Mapping[str, HeatmapCodec], heatmaps: Tensor) -> dict[str, Timing]:
    """Time of every decoder on one batch of heatmaps, by label."""
    return {
        label: measure_time(lambda codec=codec: decode_once(codec, heatmaps), len(heatmaps))
        for label, codec in decoders.items()
    }


def _counted(batches: Iterable[Batch], progress: ProgressBar) -> Iterator[Batch]:
    """The same batches; each moves the progress bar when it has been dealt with."""
    for batch in batches:
        yield batch
        progress.update()


def _result(
    label: str,
    codec: HeatmapCodec,
    size: int,
    found: Predictions,
    normalisers: Sequence[str],
    timing: Optional[Timing],
) -> EncodingResult:
    with blame_user(label):
        metrics = evaluate(found, normalisers, thresholds=[], percentiles=[])[FULL]
    return EncodingResult(label, type(codec).__name__, settings_of(codec), size, metrics, timing)
