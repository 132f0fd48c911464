import cv2
import numpy as np
import pytest

from mmpose_multilat.errors import UserError
from mmpose_multilat.inference.boxes import Box
from mmpose_multilat.inference.drawings import (
    Drawings,
    VideoWriter,
    draw_faces,
    drawing_targets,
    write_image,
)
from mmpose_multilat.inference.faces import Face, FrameFaces
from mmpose_multilat.inference.frames import Frame
from mmpose_multilat.inference.inputs import Source
from mmpose_multilat.inference.problems import Problems

IMAGE = np.full((20, 30, 3), 120, np.uint8)


def result(name='a.jpg', image=IMAGE, index=None, faces=()):
    source = Source('image' if index is None else 'video', name)
    time, rate = (None, None) if index is None else (index / 10, 10.0)
    return FrameFaces(Frame(source, image, index, time, rate), list(faces))


def frames_of(path):
    capture, frames = cv2.VideoCapture(str(path)), []
    while True:
        done, frame = capture.read()
        if not done:
            return capture.get(cv2.CAP_PROP_FPS), frames
        frames.append(frame)


@pytest.mark.parametrize('size', [(64, 48), (65, 47), (1, 1)])
def test_videos_of_every_size(tmp_path, size):
    path = tmp_path / 'ä 顔.mp4'
    writer = VideoWriter(path, size, 12.5)
    for index in range(3):
        writer.write(np.full((size[1], size[0], 3), 100 + 40 * index, np.uint8))
    writer.write(np.full((10, 10, 3), 250, np.uint8))
    assert not path.exists()
    writer.close()
    assert [each.name for each in tmp_path.iterdir()] == ['ä 顔.mp4']
    rate, frames = frames_of(path)
    assert rate == pytest.approx(12.5)
    assert frames[0].shape[:2] == (size[1] + size[1] % 2, size[0] + size[0] % 2)
    np.testing.assert_allclose([frame.mean() for frame in frames], [100, 140, 180, 250], atol=6)


def test_a_video_that_cannot_be_written_is_explained(tmp_path):
    with pytest.raises(UserError, match='OpenCV cannot write the video'):
        VideoWriter(tmp_path / 'nowhere' / 'film.mp4', (64, 48), 25.0)


def test_images_appear_at_once(tmp_path):
    write_image(tmp_path / 'ä 顔.png', IMAGE)
    assert [each.name for each in tmp_path.iterdir()] == ['ä 顔.png']
    read = cv2.imdecode(np.fromfile(tmp_path / 'ä 顔.png', np.uint8), cv2.IMREAD_COLOR)
    np.testing.assert_array_equal(read, IMAGE)


def test_drawings_of_images_and_videos_in_turn(tmp_path):
    results = [
        result('a.png'),
        *(result('film.mp4', index=index) for index in range(3)),
        result('other.mp4', index=0),
        result('b.png'),
    ]
    sources = [each.frame.source for each in results]
    targets = {source: tmp_path / 'drawn' / source.name for source in sources}
    drawings = Drawings(targets, Problems())
    for each in results:
        drawings.write(each)
    drawings.close()
    names = sorted(each.name for each in (tmp_path / 'drawn').iterdir())
    assert names == ['a.png', 'b.png', 'film.mp4', 'other.mp4']
    assert cv2.imread(str(tmp_path / 'drawn' / 'a.png')).mean() == 120
    assert len(frames_of(tmp_path / 'drawn' / 'film.mp4')[1]) == 3
    assert len(frames_of(tmp_path / 'drawn' / 'other.mp4')[1]) == 1


@pytest.mark.parametrize('error', [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize('earlier', [True, False])
def test_only_what_is_complete_replaces_earlier_drawings(tmp_path, error, earlier):
    source, path = result('film.mp4', index=0).frame.source, tmp_path / 'film.mp4'
    if earlier:
        path.write_text('earlier')
    with pytest.raises(error), Drawings({source: path}, Problems()) as drawings:
        drawings.write(result('film.mp4', index=0))
        raise error
    interrupted = error is KeyboardInterrupt
    parts = list(tmp_path.glob('film.*.part.mp4'))
    assert bool(parts) == (earlier or not interrupted)
    if earlier:
        assert path.read_text() == 'earlier'
    else:
        assert path.exists() == interrupted


def test_targets_keep_what_browsers_show(tmp_path):
    sources = [
        Source(kind, f'in/{name}')
        for kind, name in (
            ('image', 'x/a.JPG'),
            ('image', 'a.bmp'),
            ('video', 'film.avi'),
            ('video', 'film.mp4'),
        )
    ] + [Source('webcam', '0')]
    targets = drawing_targets(tmp_path, sources)
    assert [path.relative_to(tmp_path / 'drawn').as_posix() for path in targets.values()] == [
        'x/a.JPG',
        'a.bmp.png',
        'film.avi.mp4',
        'film.mp4',
        'webcam0.mp4',
    ]


def test_no_input_is_replaced(tmp_path):
    source = Source('image', (tmp_path / 'drawn' / 'a.jpg').as_posix())
    with pytest.raises(UserError, match='would replace the input .*a.jpg; choose another `out`'):
        drawing_targets(tmp_path, [source])


def test_no_drawing_replaces_another(tmp_path):
    sources = [Source('image', 'a.bmp'), Source('image', 'a.bmp.png')]
    with pytest.raises(UserError, match='two inputs would be drawn into one file'):
        drawing_targets(tmp_path, sources)


def test_smoothed_landmarks_are_drawn_where_there_are_any():
    image = np.zeros((100, 100, 3), np.uint8)
    face = Face(Box(10, 10, 80, 80), np.array([[30.0, 30]]), np.ones(1))
    plain = draw_faces(image, [face])
    face.track, face.smoothed = 1, np.array([[60.0, 70]])
    smoothed = draw_faces(image, [face])
    assert plain[30, 30].any() and not plain[70, 60].any()
    assert smoothed[70, 60].any() and not smoothed[30, 30].any()
    assert not image.any()


@pytest.mark.parametrize('side, faint', [(80, True), (260, False)])
def test_covariances_are_drawn_round_the_landmarks(side, faint):
    """Of 95 % radius 2.4477 times 10 px along x, 5 px along y; small faces get fainter lines."""
    image = np.zeros((300, 300, 3), np.uint8)
    variances = [np.diag([100.0, 25.0]), np.full((2, 2), np.nan)]
    keypoints, box = np.array([[60.0, 50], [60, 150]]), Box(20, 20, side, side)
    plain = draw_faces(image, [Face(box, keypoints, np.ones(2))])
    drawn = draw_faces(image, [Face(box, keypoints, np.ones(2), np.array(variances))])
    rows, columns = np.nonzero((drawn != plain).any(-1))
    assert rows.min() == pytest.approx(50 - 12.2, abs=1.5)
    assert rows.max() == pytest.approx(50 + 12.2, abs=1.5)
    assert columns.min() == pytest.approx(60 - 24.5, abs=1.5)
    assert columns.max() == pytest.approx(60 + 24.5, abs=1.5)
    assert (drawn[50, 82:88].max() < 150) == faint
