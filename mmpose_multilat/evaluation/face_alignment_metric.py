"""The metric that `mim test` prints the tables of face alignment with."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional, Union

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import MessageHub, MMLogger
from mmpose.registry import METRICS

from mmpose_multilat.landmarks import DATASETS, FaceDataset, dataset_of, dataset_of_metainfo
from mmpose_multilat.landmarks.checks import check_flag
from mmpose_multilat.landmarks.sample_fields import REMEDIES

from .annotation_files import check_annotation_files, nearest_file
from .annotations import AnnotatedFaces
from .ends import EndsArgument, as_ends
from .errors import describe_unanswered
from .normalisers import check_scheme
from .occlusion import occluded_landmarks
from .outfile import check_outfile, derived_arrays
from .predictions import Predictions
from .samples import Sample, known_and_found, read_sample
from .subsets import Rule, check_subsets, find_members
from .summary import (
    FULL,
    PERCENTILES,
    THRESHOLDS,
    Parts,
    check_parts,
    check_settings,
    evaluate,
)
from .tables import markdown_tables

MANY_LANDMARKS = sys.maxsize
"""Stands for the number of landmarks while it is not known, before the first face."""


@METRICS.register_module()
class FaceAlignmentMetric(BaseMetric):
    """NME, failure rate, AUC and percentiles of a test set and of its subsets in one pass.

    The keys of the whole test set come first and have no prefix (`NME_ocular`, `FR_ocular@0.10`
    ...: see `evaluate`); those of a subset begin with its name (`pose/NME_ocular`). All are
    fractions; the table in the log is in percent. A face whose normaliser is undefined (a landmark
    that it needs is not labelled, or the distance is 0) is counted in `undefined_ocular` and is in
    no mean. If that is every face, the first NME is NaN, by which no checkpoint is the best, and
    the log says so. A prediction that is not finite is an error that names the face; of faces
    without any score above 0, as heatmaps that are not finite give, the log warns.

    Args:
        normalisers: What errors are divided by, of `NORMALISERS`; those usual for the dataset by
            default. `CheckpointHook(save_best='auto', rule='less')` follows the first.
        thresholds: NMEs of failure rate and AUC, as fractions.
        percentiles: Percentiles of the NME of faces, 0 to 100.
        subsets: Name -> rule that says which faces belong to it, see `subsets`.
        parts: True for the NME of each part of the face, or landmarks by part.
        eyes: Outer eye corners in place of those known for the dataset: two landmarks, or two
            groups whose means count.
        pupils: The same for the pupils.
        occlusion: Whether visible and occluded landmarks are told apart by the flags of the
            annotation (1 occluded, 2 visible). None: where this is known of the dataset (COFW).
        ann_file: Annotation file of the dataset, where fields are looked up that MMPose's data
            set classes drop. None: that of the dataset that was built last.
        outfile: .npz file to write predictions, true landmarks, subsets and errors to; `evaluate`
            computes every number again from `Predictions.load(outfile)`.
        collect_device: `'cpu'` or `'gpu'`, see MMEngine's `BaseMetric`.
        prefix: Put before all keys with a slash.
        collect_dir: Folder for collecting over processes, see MMEngine's `BaseMetric`.

    Raises:
        ValueError: If a setting is wrong; the message names it.
    """

    def __init__(
        self,
        normalisers: Optional[Sequence[str]] = None,
        thresholds: Sequence[float] = THRESHOLDS,
        percentiles: Sequence[float] = PERCENTILES,
        subsets: Optional[Mapping[str, Rule]] = None,
        parts: Parts = False,
        eyes: Optional[EndsArgument] = None,
        pupils: Optional[EndsArgument] = None,
        occlusion: Optional[bool] = None,
        ann_file: Union[str, Path, Sequence[Union[str, Path]], None] = None,
        outfile: Union[str, Path, None] = None,
        collect_device: str = 'cpu',
        prefix: Optional[str] = None,
        collect_dir: Optional[str] = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix, collect_dir=collect_dir)
        check_settings(normalisers, thresholds, percentiles)
        check_subsets(subsets or {})
        for setting, ends in dict(eyes=eyes, pupils=pupils).items():
            if ends is not None:
                as_ends(ends, setting, MANY_LANDMARKS)
        check_parts(parts, MANY_LANDMARKS)
        self.normalisers = normalisers
        self.thresholds = thresholds
        self.percentiles = percentiles
        self.subsets = subsets or {}
        self.parts = parts
        self.eyes = eyes
        self.pupils = pupils
        self.occlusion = None if occlusion is None else check_flag('occlusion', occlusion)
        self.ann_files = check_annotation_files('ann_file', ann_file)
        self.outfile = None if outfile is None else check_outfile(outfile)
        self._said: set[str] = set()

    def process(self, data_batch: Any, data_samples: Sequence[dict[str, Any]]) -> None:
        """Keep what counts of a batch.

        Args:
            data_batch: Not used.
            data_samples: Outputs of the model with the annotation, as dictionaries.

        Raises:
            ValueError: If predictions do not fit the annotation or the settings, or a field of a
                sample is missing.
        """
        for each in data_samples:
            known, _ = known_and_found(each)
            dataset = self._facts(known['keypoints'].shape[1])
            with_annotation = dataset.tells_occlusion or self._looks_up()
            self.results.append(read_sample(each, with_annotation))

    def compute_metrics(self, results: list[Sample]) -> dict[str, float]:
        """Compute all numbers, print the tables and write the file.

        Args:
            results: Samples of all processes, in the order of the dataset.

        Returns:
            Key -> fraction, or number of faces.

        Raises:
            ValueError: If a prediction is not finite.
            OSError: If `outfile` cannot be written; the tables are printed before.
        """
        if not results:
            self._warn('There is no face in this test.')
            known = DATASETS.get(self._dataset) or dataset_of(self._dataset, num_landmarks=0)
            return {f'NME_{(self.normalisers or known.normalisers)[0]}': np.nan, 'faces': 0}
        predictions = self.gather(results)
        normalisers = self.normalisers or predictions.usual_normalisers
        parts = bool(self.parts)
        numbers = evaluate(predictions, normalisers, self.thresholds, self.percentiles, parts)
        tables = markdown_tables(numbers, normalisers)
        MMLogger.get_current_instance().info(f'{predictions.dataset or "Faces"}\n\n{tables}\n')
        self._warn(describe_unanswered(predictions))
        if self.outfile is not None:
            predictions.save(self.outfile, derived_arrays(predictions, normalisers))
        full = self._with_first_key(numbers.pop(FULL), normalisers[0])
        subsets = numbers.items()
        return {**full, **{f'{name}/{key}': v for name, row in subsets for key, v in row.items()}}

    def _with_first_key(self, full: dict[str, float], normaliser: str) -> dict[str, float]:
        """Let the first key be that of the NME: the best checkpoint is chosen by it."""
        key = f'NME_{normaliser}'
        if key in full:
            return full
        self._warn(
            f'{key} is undefined for every face: what {normaliser!r} needs is not labelled, or the '
            'distance is 0. No checkpoint can be the best by it. Choose other `normalisers`.'
        )
        return {key: np.nan, **full}

    def gather(self, samples: Sequence[Sample]) -> Predictions:
        """Put samples together, with subsets and occlusion.

        Args:
            samples: What `process` has kept, at least one sample.

        Returns:
            All faces; what is to be said about missing files is logged, each message once.
        """
        arrays = {
            name: np.concatenate([getattr(sample, name) for sample in samples])
            for name in ('predicted', 'true', 'labelled', 'scores', 'boxes')
        }
        dataset = self._facts(arrays['true'].shape[1])
        images = [image for sample in samples for image in sample.images]
        origins = [name for sample in samples for name in sample.datasets]
        faces = AnnotatedFaces(
            images=images,
            first_landmarks=arrays['true'][:, 0],
            ids=[each for sample in samples for each in sample.ids],
            given=[record for sample in samples for record in sample.annotations],
            own_files=list(map(self._annotation_file, images, origins)),
        )
        members, messages = find_members(faces, self.subsets, dataset.scheme.num_landmarks)
        occluded = None
        if dataset.tells_occlusion:
            occluded, message = occluded_landmarks(faces, arrays['true'], arrays['labelled'])
            messages += [message] if message else []
        if (members or dataset.tells_occlusion) and not all(faces.images):
            messages.append(
                'Samples have no img_path, by which faces are found in the files of subsets and '
                f'annotations: {REMEDIES["img_path"]}.'
            )
        for message in messages:
            self._warn(message)
        return Predictions(
            **arrays,
            occluded=occluded,
            images=faces.images,
            ids=faces.ids,
            subsets=members,
            dataset=dataset.name,
            scheme=dataset.scheme,
        )

    def _facts(self, num_landmarks: int) -> FaceDataset:
        """What is known of the dataset, with the user's changes.

        Raises:
            ValueError: If a setting names a landmark that does not exist, or one is missing.
        """
        dataset = dataset_of_metainfo(self.dataset_meta or {}, num_landmarks)
        changes: dict[str, Any] = {
            setting: as_ends(getattr(self, setting), setting, num_landmarks)
            for setting in ('eyes', 'pupils')
            if getattr(self, setting) is not None
        }
        check_parts(self.parts, num_landmarks)
        if isinstance(self.parts, Mapping):
            changes['parts'] = {
                name: tuple(map(int, indices)) for name, indices in self.parts.items()
            }
        scheme = replace(dataset.scheme, **changes)
        for normaliser in self.normalisers or dataset.normalisers:
            check_scheme(scheme, normaliser, dataset.name)
        occlusion = dataset.tells_occlusion if self.occlusion is None else self.occlusion
        return replace(dataset, scheme=scheme, tells_occlusion=occlusion)

    def _looks_up(self) -> bool:
        """Whether a subset depends on the annotations as they stand in their files."""
        return any('path' not in rule for rule in self.subsets.values())

    @property
    def _dataset(self) -> str:
        return (self.dataset_meta or {}).get('dataset_name', '')

    def _annotation_file(self, image: str, origin: str) -> Optional[Path]:
        """The annotation file of a face, as set, or as MMPose's datasets note it when built."""
        if self.ann_files:
            return nearest_file(image, self.ann_files)
        noted = MessageHub.get_current_instance().runtime_info
        files = (noted.get(f'{name}_ann_file') for name in (origin, self._dataset))
        return next((Path(file) for file in files if file), None)

    def _warn(self, message: Optional[str]) -> None:
        """Say something, if there is anything to say, once and not after every epoch."""
        if message is not None and message not in self._said:
            self._said.add(message)
            MMLogger.get_current_instance().warning(message)
