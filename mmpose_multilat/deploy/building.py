"""From a pose estimator to the graph that is exported."""

from dataclasses import replace
from typing import Any, Optional

import torch
from mmpose.models import TopdownPoseEstimator

from mmpose_multilat.codecs import LandmarkCodec
from mmpose_multilat.landmarks import Located
from mmpose_multilat.models.heads import codec_of
from mmpose_multilat.models.pose_estimators import (
    COORDINATES,
    image_channels,
    locate_view,
    look,
    metainfo_of_estimator,
    require_covariances,
    tells_covariances,
)
from mmpose_multilat.settings import flip_partners

from .describing import describe
from .description import WHOLE_IMAGE, ModelDescription
from .graph import LandmarkGraph, Normalisation
from .image_graph import ImageGraph
from .preprocessing import check_preprocessing, check_preprocessor


def build_graph(
    model: TopdownPoseEstimator,
    raw: bool = False,
    flip_test: bool = False,
    config: str = '',
    from_image: bool = False,
    decodes: bool = True,
) -> tuple[LandmarkGraph, ModelDescription]:
    """The module to export and its description.

    It puts out covariances where the codec tells them, unless the model's `test_cfg` has
    `output_covariances=False`; True makes a codec that tells none an error.

    Args:
        model: A pose estimator on the CPU with `cfg`, its config, and `dataset_meta`, the metainfo
            of its landmarks.
        raw: Whether to take uint8 crops and normalise them inside.
        flip_test: Whether to look at the flipped crop too.
        config: Name of its config, for the description.
        from_image: Whether to take an image and boxes, and cut and normalise crops inside.
        decodes: Whether to put out landmarks; else what the codec decodes, for example heatmaps.

    Of the settings of `test_cfg` the graph obeys `output_keypoint_indices` and
    `output_covariances`, of `flip_mode` the mode 'coordinates'.

    Raises:
        ValueError: If the decoder is none of this package or does not fit the network, covariances
            are asked of one that tells none, a flip test is asked for and the landmarks that mirror
            each other are not known or the config averages heatmaps, the data preprocessor does
            what a description cannot say, or `decodes=False` is combined with what only landmarks
            have.
    """
    if not decodes and (flip_test or from_image):
        raise ValueError(
            'without decoder neither landmarks of flipped crops can be averaged nor landmarks be '
            'put into the image; leave the decoder in, or the flip test and the image out'
        )
    if flip_test:
        check_flip_mode(model)
    codec = codec_of(model.head)
    check_codec(codec)
    wanted = model.test_cfg.get('output_covariances')
    if wanted:
        require_covariances(model.head)
    covariances = decodes and (tells_covariances(model.head) if wanted is None else bool(wanted))
    found = locate_in_nothing(model)
    chosen = chosen_landmarks(model, found, flip_test)
    count = found.scores.shape[1] if chosen is None else len(chosen)
    check_preprocessor(model)
    raw = raw or from_image
    description = replace(describe(model, count, raw, flip_test, config), decodes=decodes)
    normalisation = Normalisation(model.data_preprocessor) if raw else None
    check_preprocessing(model, description, normalisation)
    settings = dict(
        normalisation=normalisation,
        flip_indices=partners_of(model, description, found) if flip_test else None,
        covariances=covariances,
        chosen=chosen,
    )
    if not from_image:
        return LandmarkGraph(model, **settings, decodes=decodes).eval(), description
    crop = description.input_size, description.bbox_padding, description.use_udp
    description = replace(description, input_type=WHOLE_IMAGE)
    return ImageGraph(model, *crop, **settings).eval(), description


def chosen_landmarks(
    model: TopdownPoseEstimator, found: Located, flip_test: bool
) -> Optional[list[int]]:
    """Which landmarks of the head `test_cfg` puts out, None for all.

    Raises:
        ValueError: If there is no such landmark, or a flip test is asked for: nobody says which of
            all landmarks mirror each other.
    """
    chosen = model.test_cfg.get('output_keypoint_indices')
    if chosen is None:
        return None
    setting, count = 'model.test_cfg.output_keypoint_indices', found.scores.shape[1]
    if not all(0 <= index < count for index in chosen):
        raise ValueError(f'{setting}={list(chosen)}: the head finds the landmarks 0 to {count - 1}')
    if flip_test:
        raise ValueError(
            f'{setting} chooses {len(chosen)} of {count} landmarks, and of the others nobody says '
            'which mirror each other; leave the flip test out'
        )
    return list(chosen)


def check_flip_mode(model: TopdownPoseEstimator) -> None:
    """Do nothing if the flip test of a config averages landmarks, or there is none.

    Raises:
        ValueError: If it averages heatmaps, which the graph does not.
    """
    settings = model.test_cfg
    mode = settings.get('flip_mode', 'heatmap')
    if settings.get('flip_test', False) and mode != COORDINATES:
        raise ValueError(
            f"the graph's flip test averages landmarks, that of model.test_cfg (flip_test=True, "
            f'flip_mode={mode!r}, shift_heatmap={settings.get("shift_heatmap", False)}) averages '
            'heatmaps; choose what is exported by --cfg-options '
            f'model.test_cfg.flip_mode={COORDINATES}, or leave the flip test out'
        )


def check_codec(codec: Any) -> None:
    """Do nothing if a codec can be exported.

    Raises:
        ValueError: If it is none of this package.
    """
    if not isinstance(codec, LandmarkCodec):
        raise ValueError(
            f'the head decodes with {type(codec).__name__}, which works in NumPy and cannot be '
            'exported; replace model.head.decoder by one of this package, for example '
            "dict(_delete_=True, type='KeyPosS', input_size=(256, 256), heatmap_size=(64, 64))"
        )


def locate_in_nothing(model: TopdownPoseEstimator) -> Located:
    """What a model finds in one black crop: as many landmarks as in any other.

    Raises:
        ValueError: If the network does not take such a crop, or the codec cannot read what it puts
            out.
    """
    width, height = codec_of(model.head).input_size
    channels = image_channels(model)
    with torch.no_grad():
        try:
            view = look(model, torch.zeros(1, channels, height, width))
        except RuntimeError as error:
            raise ValueError(
                f'the network takes no crop of {width} x {height} px with {channels} channels, as '
                f'its codec and model.data_preprocessor say: {error}'
            ) from error
        try:
            return locate_view(model, view)
        except ValueError as error:
            raise ValueError(f'model.head.decoder: {error}') from error


def partners_of(
    model: TopdownPoseEstimator, description: ModelDescription, found: Located
) -> list[int]:
    """Index of the landmark on the other side for each landmark that was found.

    Raises:
        ValueError: If the metainfo of the model does not say, is that of other landmarks, or names
            one twice.
    """
    partners = flip_partners(metainfo_of_estimator(model))
    if description.flip_pairs is None:
        raise ValueError(
            'the flip test needs to know which landmarks mirror each other: the metainfo of the '
            f'checkpoint, or else of the config, has {len(partners)}, the model '
            f'{description.landmarks}; mend it, or leave the flip test out'
        )
    found.mirrored(description.input_size[0], partners)  # which checks what the graph cannot
    return partners
