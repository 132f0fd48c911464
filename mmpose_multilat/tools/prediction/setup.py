"""The network and the face boxes that the command line asks for."""

import argparse
from collections.abc import Sequence

import numpy as np
from mmengine.registry import init_default_scope

from mmpose_multilat.models.pose_estimators import image_channels
from mmpose_multilat.tools.benchmarking.loading import load_config
from mmpose_multilat.tools.command_line import UserError, explain_errors
from mmpose_multilat.tools.pose_estimators import build_estimator

from .boxes import BoxesOfFile, BoxFinder, check_box, usable_boxes, whole_picture
from .crops import Cropper, input_size_of, pipeline_of_config, tell_left_out, usual_pipeline
from .frames import Frame
from .inputs import PICTURE, Source
from .landmark_model import LandmarkModel, OnnxLandmarkModel, TorchLandmarkModel
from .mmdet_detector import FACE_LABELS, LEAST_SCORE, MMDetDetector
from .opencv_detector import OpenCVDetector
from .problems import Problems

WHOLE, DETECT = 'whole', 'detect'


def load_network(arguments: argparse.Namespace, device: str) -> tuple[LandmarkModel, Cropper]:
    """Load the network and what cuts faces out for it.

    Args:
        arguments: config, checkpoint, cfg_options, model, device and covariances of the command
            line.
        device: Device of a network of PyTorch.

    Raises:
        UserError: If they do not fit together.
    """
    if arguments.model:
        return _load_onnx(arguments)
    if not arguments.config or not arguments.checkpoint:
        raise UserError('name the network: --config and --checkpoint, or --model FILE.onnx')
    config = load_config(arguments.config, arguments.cfg_options)
    with explain_errors('--config has no usable test pipeline'):
        pipeline = pipeline_of_config(config)
        input_size = input_size_of(pipeline)
    estimator = build_estimator(config, arguments.checkpoint, device)
    model = TorchLandmarkModel(estimator, input_size, arguments.covariances)
    with explain_errors('the test pipeline of --config cannot be built'):
        cut = Cropper(pipeline, estimator.dataset_meta, image_channels(estimator))
    tell_left_out(cut.left_out)
    with explain_errors('the network of --config does not fit its codec or its crops'):
        _try(model, cut)
    return model, cut


def _try(model: LandmarkModel, cut: Cropper) -> None:
    """Run the network once, on a black picture: what does not fit fails before anything is written.

    Raises:
        Exception: Whatever pipeline, network and codec make of each other.
    """
    width, height = model.input_size
    picture, image = np.zeros((height, width, 3), np.uint8), cut.reading.blank(width, height)
    frame = Frame(Source(PICTURE, ''), picture, image=image)
    (box,) = whole_picture(frame)
    model(cut(frame, box).picture[None])


def _load_onnx(arguments: argparse.Namespace) -> tuple[LandmarkModel, Cropper]:
    for name in ('config', 'checkpoint', 'cfg_options'):
        if getattr(arguments, name):
            option = '--' + name.replace('_', '-')
            raise UserError(f'--model is a whole network; leave {option} out')
    init_default_scope('mmpose')
    model = OnnxLandmarkModel(arguments.model, arguments.covariances, arguments.device)
    description = model.description
    pipeline = usual_pipeline(
        model.input_size, description.bbox_padding, description.use_udp, description.color_type
    )
    return model, Cropper(pipeline, channels=description.channels)


def choose_boxes(
    arguments: argparse.Namespace, sources: Sequence[Source], problems: Problems, device: str
) -> BoxFinder:
    """Choose what finds the faces; boxes of the user that cannot be used are reported.

    Args:
        arguments: boxes, box and the detector's settings of the command line.
        sources: What will be read.
        problems: Is told what cannot be used.
        device: Device of a detector of MMDetection.

    Raises:
        UserError: If more than one is asked for, or it cannot be had.
    """
    chosen = [
        option
        for option in ('boxes', 'box', 'detector_config')
        if getattr(arguments, option) is not None
    ]
    if len(chosen) > 1:
        names = ' and '.join('--' + name.replace('_', '-') for name in chosen)
        raise UserError(f'{names} exclude each other: faces come from one of them')
    if arguments.boxes is not None:
        known = BoxesOfFile(arguments.boxes, sources, problems)
        return lambda frame: usable_boxes(known(frame), frame, problems)
    detect = _build_detector(arguments, device)
    # Empty boxes of a network are no mistake of the user's.
    return lambda frame: [box for box in detect(frame) if not check_box(box, frame)]


def _build_detector(arguments: argparse.Namespace, device: str) -> BoxFinder:
    if arguments.detector_config is not None:
        labels, least = arguments.detector_labels, arguments.detector_threshold
        return MMDetDetector(
            arguments.detector_config,
            arguments.detector_checkpoint,
            device,
            FACE_LABELS if labels is None else labels,
            LEAST_SCORE if least is None else least,
        )
    return whole_picture if arguments.box == WHOLE else OpenCVDetector()
