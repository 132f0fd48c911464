"""Images in, faces with their landmarks out."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Optional, Union

import numpy as np

from mmpose_multilat.errors import UserError

from .batches import predict_frames
from .boxes import AnyBox, Box, Detector, as_boxes, check_box
from .face_drawing import draw_faces
from .faces import Face, FrameFaces
from .frames import DEFAULT_RATE, Frame
from .images import AnyImage, Film, frames_of, frames_of_film
from .loading import PathName, load_network
from .opencv_detector import OpenCVDetector
from .readings import Reading
from .smoothing import OneEuroSettings
from .tracking import FaceSmoother

BATCH_SIZE = 32


class FaceLandmarker:
    """Finds faces and their landmarks.

    Args:
        model: A file that `export_onnx` wrote, which is run without PyTorch or MMPose, or a config
            of MMPose with a top-down model.
        checkpoint: The weights, if `model` is a config.
        device: 'cpu', 'cuda:0' ...; '' for a GPU if there is one.
        detector: What finds faces where no boxes are given: a function of a (h, w, 3) uint8 BGR
            image that returns boxes, for example `whole_image` or an `MMDetDetector`; None for
            OpenCV's detector of frontal faces, `OpenCVDetector`.
        covariances: Whether to tell the covariances of the likely errors too.
        edges: Whether to tell what the landmarks of a `GraphRefinementHead` listened to.
        batch_size: Most faces that the network sees at once. Of a stream of images the first ones
            are ready when so many faces have been found; for a live camera take 1.
        cfg_options: Changes of the config, for example {'model.test_cfg.flip_test': False}.

    Attributes:
        metainfo: What is known of the landmarks, as in MMPose's metainfo.
        reading: How the network wants its images.
        left_out: Names of the steps for training of the test pipeline, which are left out; '' for
            none.

    Raises:
        ValueError: If the network cannot be used; the message says why.
    """

    def __init__(
        self,
        model: PathName,
        checkpoint: Optional[PathName] = None,
        *,
        device: str = '',
        detector: Optional[Detector] = None,
        covariances: bool = False,
        edges: bool = False,
        batch_size: int = BATCH_SIZE,
        cfg_options: Optional[Mapping[str, Any]] = None,
    ) -> None:
        if batch_size < 1:
            raise UserError(f'`batch_size` {batch_size} must be positive')
        self._network, self._cut = load_network(
            model,
            checkpoint,
            device=device,
            covariances=covariances,
            edges=edges,
            cfg_options=cfg_options,
        )
        self._detector = detector
        self._batch_size = batch_size
        self.metainfo: Mapping[str, Any] = self._network.metainfo
        self.reading: Reading = self._cut.reading
        self.left_out: str = self._cut.left_out

    def __call__(self, image: AnyImage, boxes: Optional[Iterable[AnyBox]] = None) -> list[Face]:
        """Find the landmarks of all faces in an image.

        Args:
            image: (h, w, 3) uint8 BGR as OpenCV reads it, or (h, w) grey, or the path of a file.
            boxes: [x, y, w, h] of each face in px, round the landmarks; None to look for faces.

        Returns:
            Faces in the order of their boxes; those of the detector mostly from left to right.

        Raises:
            ValueError: If the image or a box cannot be used.
        """
        (faces,) = self.predict([image], None if boxes is None else [boxes])
        return faces

    def predict(
        self,
        images: Iterable[AnyImage],
        boxes: Optional[Iterable[Optional[Iterable[AnyBox]]]] = None,
    ) -> Iterator[list[Face]]:
        """Find the landmarks of all faces in many images, in batches across the images.

        Args:
            images: As for a single one; an iterator is read only as far as batches need it.
            boxes: Boxes of each image, None for one in which to look for faces.

        Yields:
            The faces of each image, in order.

        Raises:
            ValueError: If an image or a box cannot be used, or there are more of one than of the
                other.
        """
        for result in self.predict_frames(frames_of(images, self.reading, boxes)):
            yield result.faces

    def track(
        self,
        film: Union[Film, Iterable[AnyImage]],
        rate: float = DEFAULT_RATE,
        smoothing: Optional[OneEuroSettings] = None,
    ) -> Iterator[list[Face]]:
        """Follow faces through a film: who is who, with smoothed landmarks.

        Args:
            film: Path of a video, index of a webcam, or images that follow each other.
            rate: Images per second, if these are images; files and webcams have their own.
            smoothing: Strength of the filter; None for its defaults.

        Yields:
            The faces of each frame with `track` and `smoothed`, in order.

        Raises:
            ValueError: If the film cannot be read, or `rate` is not above 0.
        """
        follow = FaceSmoother(smoothing or OneEuroSettings())
        for result in follow(self.predict_frames(frames_of_film(film, self.reading, rate))):
            yield result.faces

    def predict_frames(self, frames: Iterable[Frame]) -> Iterator[FrameFaces]:
        """Find the landmarks of all faces in frames that know where they come from.

        Args:
            frames: As `read_frames` yields them with the `reading` of the network.

        Yields:
            Every frame in order, also one without faces.
        """
        return predict_frames(frames, self._boxes_of, self._cut, self._network, self._batch_size)

    def draw(self, image: np.ndarray, faces: Iterable[Face]) -> np.ndarray:
        """Draw faces into a copy of their image.

        Args:
            image: (h, w, 3) uint8 BGR.
            faces: What was found in it.

        Returns:
            (h, w, 3) uint8 BGR.
        """
        return draw_faces(image, faces, self.metainfo)

    def _boxes_of(self, frame: Frame) -> Iterable[Box]:
        if frame.boxes is not None:
            return frame.boxes
        if self._detector is None:
            self._detector = OpenCVDetector()
        # Empty boxes of a network are no mistake of the user's.
        found = as_boxes(self._detector(frame.image))
        return [box for box in found if not check_box(box, frame.image)]
