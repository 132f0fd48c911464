import numpy as np
import pytest

from mmpose_multilat.inference import batches
from mmpose_multilat.inference.batches import (
    drop_doubtful,
    predict_frames,
    report_unanswered,
)
from mmpose_multilat.inference.boxes import Box
from mmpose_multilat.inference.frames import Frame
from mmpose_multilat.inference.inputs import Source
from mmpose_multilat.inference.networks import Answer
from mmpose_multilat.inference.pipeline_crops import Crop
from mmpose_multilat.inference.problems import Problems
from mmpose_multilat.landmarks import CropGeometry


class Network:
    """Finds one landmark whose x is the content of the crop."""

    input_size = (4, 4)

    def __init__(self, covariances=False):
        self.batches, self.covariances = [], covariances

    def __call__(self, crops):
        self.batches.append(len(crops))
        values = crops[:, 0, 0, 0].astype(float)
        parts = [np.stack((values, 0 * values), -1)[:, None], values[:, None] / 100]
        if self.covariances:
            parts.append(np.tile(np.eye(2), (len(crops), 1, 1, 1)))
        return Answer(*parts)


def frames(*counts):
    """Images with so many faces."""
    for number, count in enumerate(counts):
        yield Frame(Source('image', f'{number}.jpg'), np.full((2, 2, 3), count, np.uint8))


def boxes_of(frame):
    number = int(frame.source.name[0])
    return [Box(10 * number + face, 0, 8, 8) for face in range(frame.image[0, 0, 0])]


def cut(frame, box):
    # A region as large as the input, whose upper left corner is the image's.
    region = CropGeometry(np.full(2, 2.0), np.full(2, 4.0), (4, 4))
    return Crop(np.full((4, 4, 3), box.x, np.uint8), region)


def run(network, batch_size, *counts):
    results = list(predict_frames(frames(*counts), boxes_of, cut, network, batch_size))
    assert [result.frame.source.name for result in results] == [
        f'{number}.jpg' for number in range(len(counts))
    ]
    return [[face.landmarks[0, 0] for face in result.faces] for result in results]


@pytest.mark.parametrize(
    'batch_size, sizes', [(1, [1] * 7), (2, [2, 2, 2, 1]), (3, [3, 3, 1]), (7, [7]), (9, [7])]
)
def test_batches_across_images_change_nothing(batch_size, sizes):
    network = Network()
    found = run(network, batch_size, 0, 2, 0, 1, 4, 0)
    assert found == [[], [10, 11], [], [30], [40, 41, 42, 43], []]
    assert network.batches == sizes


def test_no_images_and_no_faces():
    network = Network()
    assert run(network, 4) == []
    assert run(network, 4, 0, 0) == [[], []]
    assert network.batches == []


def test_images_without_faces_come_at_once():
    results = predict_frames(frames(0, 1, 0), boxes_of, cut, Network(), 4)
    assert next(results).frame.source.name == '0.jpg'


@pytest.mark.parametrize('limit', ['MOST_IMAGES', 'MOST_WAITING'])
def test_not_too_many_images_wait(monkeypatch, limit):
    monkeypatch.setattr(batches, limit, dict(MOST_IMAGES=2, MOST_WAITING=35)[limit])
    network = Network()
    assert run(network, 4, 1, 0, 0, 0, 1, 0) == [[0], [], [], [], [40], []]
    assert network.batches == [1, 1]


def test_boxes_scores_and_covariances_belong_to_their_face():
    (result,) = predict_frames(frames(2), boxes_of, cut, Network(covariances=True), 4)
    assert [face.box.x for face in result.faces] == [0, 1]
    assert [face.scores.tolist() for face in result.faces] == [[0], [0.01]]
    np.testing.assert_array_equal(result.faces[1].covariances, [np.eye(2)])


def test_every_face_comes_from_its_own_region():
    """Faces of one batch whose regions lie elsewhere and are 2 x 3 times as large as the input."""

    def cut_larger(frame, box):
        region = CropGeometry(np.array([box.x + 4.0, 6.0]), np.array([8.0, 12.0]), (4, 4))
        return Crop(np.full((4, 4, 3), 1, np.uint8), region)

    (result,) = predict_frames(frames(2), boxes_of, cut_larger, Network(covariances=True), 4)
    assert [face.landmarks.tolist() for face in result.faces] == [[[2, 0]], [[3, 0]]]
    for face in result.faces:
        np.testing.assert_array_equal(face.covariances, [[[4, 0], [0, 9]]])


def test_doubtful_faces_are_dropped():
    results = list(predict_frames(frames(0, 3, 1), boxes_of, cut, Network(), 4))
    kept = [len(result.faces) for result in drop_doubtful(results, 0.11)]
    assert kept == [0, 2, 1]


class BrokenNetwork(Network):
    """Its scores are those of heatmaps that are not finite."""

    score = 0.0

    def __call__(self, crops):
        found = super().__call__(crops)
        return found._replace(scores=np.full_like(found.scores, self.score))


@pytest.mark.parametrize('score, doubtful', [(0.0, 5), (np.nan, 5), (-1.0, 5), (0.1, 0)])
def test_faces_in_which_nothing_was_found_are_reported_once(score, doubtful):
    problems, said, network = Problems(), [], BrokenNetwork()
    problems.show, network.score = said.append, score
    results = predict_frames(frames(0, 2, 3), boxes_of, cut, network, 4)
    assert sum(len(each.faces) for each in report_unanswered(results, problems)) == 5
    assert problems.count == len(said) == bool(doubtful)
    for line in said:
        assert 'in 5 faces no landmark has a score above 0, first in 1.jpg' in line
