"""From a pose estimator to the graph that is exported."""

import torch
from mmpose.models import TopdownPoseEstimator
from mmpose.models.heads import HeatmapHead

from mmpose_multilat.codecs import GaussianVector, HeatmapCodec
from mmpose_multilat.models.heads import GaussianVectorHead
from mmpose_multilat.models.pose_estimators import require_covariances, tells_covariances

from .description import CHANNELS, ModelDescription, describe
from .graph import Decoder, HeatmapNetwork, LandmarkGraph, Normalisation
from .vectors import VectorDecoder


def build_graph(
    model: TopdownPoseEstimator, raw: bool = False, flip_test: bool = False, config: str = ''
) -> tuple[LandmarkGraph, ModelDescription]:
    """The module to export and its description.

    It puts out covariances where the codec tells them, unless the model's `test_cfg` has
    `output_covariances=False`; True makes a codec that tells none an error.

    Args:
        model: As `mmpose.apis.init_model` returns it, on the CPU.
        raw: Whether to take uint8 crops and normalise them inside.
        flip_test: Whether to look at the mirror image too.
        config: Name of its config, for the description.

    Raises:
        ValueError: If the decoder is none of this package or does not fit the network, covariances
            are asked of one that tells none, or a flip test is asked for and the landmarks that
            mirror each other are not known.
    """
    codec = decoder_of(model.head)
    wanted = model.test_cfg.get('output_covariances')
    if wanted:
        require_covariances(model.head.decoder)
    covariances = tells_covariances(model.head.decoder) if wanted is None else bool(wanted)
    network = HeatmapNetwork(model)
    description = describe(model, count_landmarks(network, codec), raw, flip_test, config)
    return LandmarkGraph(
        network,
        codec,
        normalisation=Normalisation(model.data_preprocessor) if raw else None,
        flip_indices=partners_of(model, description) if flip_test else None,
        covariances=covariances,
    ).eval(), description


def decoder_of(head: HeatmapHead) -> Decoder:
    """What finds landmarks in the heatmaps of a head.

    Raises:
        ValueError: If it is none of this package.
    """
    codec = head.decoder
    if isinstance(head, GaussianVectorHead) and isinstance(codec, GaussianVector):
        return VectorDecoder(head.band_pooling, codec)
    if not isinstance(codec, HeatmapCodec):
        raise ValueError(
            f'the head decodes with {type(codec).__name__}, which works in NumPy and cannot be '
            "exported; set model.head.decoder to one of this package, for example type='KeyPosS'"
        )
    return codec


def count_landmarks(network: HeatmapNetwork, codec: Decoder) -> int:
    """Number of heatmaps that the network puts out, if the codec can read them.

    Raises:
        ValueError: If it cannot.
    """
    width, height = codec.input_size
    with torch.no_grad():
        heatmaps = network(torch.zeros(1, CHANNELS, height, width))
    try:
        codec.locate_in_input(heatmaps)
    except ValueError as error:
        raise ValueError(f'model.head.decoder: {error}') from error
    return heatmaps.shape[1]


def partners_of(model: TopdownPoseEstimator, description: ModelDescription) -> list[int]:
    """Index of the landmark on the other side for each landmark.

    Raises:
        ValueError: If the data set of the model has other landmarks.
    """
    partners = list(model.dataset_meta.get('flip_indices', ()))
    if description.flip_pairs is None:
        raise ValueError(
            f'the flip test needs to know which landmarks mirror each other: the data set of the '
            f'config has {len(partners)}, the model {description.landmarks}; mend the metainfo of '
            'train_dataloader.dataset, or leave the flip test out'
        )
    return partners
