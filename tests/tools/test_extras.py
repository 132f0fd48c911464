"""What stands beside the results, as drawings do, never takes them along when it fails."""

import json

import cv2
import numpy as np
import pytest
from benchmark_samples import benchmark, predictions

from mmpose_multilat.analysis import DecoderResult, Face, comparison_report
from mmpose_multilat.analysis.benchmarking import figures
from mmpose_multilat.analysis.benchmarking.decode_results import DecodeResult, EncodeResult
from mmpose_multilat.analysis.benchmarking.records import Result
from mmpose_multilat.errors import UserError, extra
from mmpose_multilat.evaluation import evaluate
from mmpose_multilat.inference import drawings, video_writer
from mmpose_multilat.inference.drawings import Drawings
from mmpose_multilat.inference.faces import FrameFaces
from mmpose_multilat.inference.frames import Frame
from mmpose_multilat.inference.inputs import Source
from mmpose_multilat.inference.problems import Problems
from mmpose_multilat.tools import benchmark_decode, calibrate, compare_decoders


@pytest.fixture
def broken():
    """A function that cannot draw."""

    def fail(*arguments, **options):
        raise cv2.error('the image\nis empty')

    return fail


def test_an_extra_is_named_and_the_rest_goes_on(capsys):
    with extra('a.png'):
        {}['missing']
    assert capsys.readouterr().err == 'a.png left out: KeyError: missing\n'
    for error in (UserError, KeyboardInterrupt):
        with pytest.raises(error), extra('a.png'):
            raise error


FACTS = dict(
    faces=1,
    landmarks=68,
    heatmap_size=[8, 8],
    flip_test=False,
    device='CPU',
    threads=1,
    batch_size=1,
    hardware=dict(device='CPU', threads=1),
    versions=dict(torch='2'),
    date='2030-01-01',
)
POINTS = np.zeros((68, 2))


def compare(out, monkeypatch, broken):
    monkeypatch.setattr(compare_decoders, 'plot_nme_by_decoder', broken)
    monkeypatch.setattr(comparison_report, 'draw_landmarks', broken)
    path = out / 'image.png'
    cv2.imwrite(str(path), np.zeros((9, 9, 3), np.uint8))
    results = {'POPoS': DecoderResult({'NME_ocular': 0.1}, 1.0)}
    faces = [Face(str(path), POINTS, {'POPoS': POINTS})]
    compare_decoders.write_results(out, FACTS, results, faces)
    return ['decoders.json', 'decoders.md'], ['nme_by_decoder.png', 'faces.png']


def calibration(out, monkeypatch, broken):
    monkeypatch.setattr(calibrate, 'plot_reliability', broken)
    calibrate.write([], FACTS, out)
    return ['calibration.json'], ['reliability.png']


def decoding_times(out, monkeypatch, broken):
    monkeypatch.setattr(benchmark_decode, 'draw_ratios', broken)
    decoded = DecodeResult('POPoS', 'ours', 8, 1, 1.0, 1.0, 1.0, 3, 1.0, 0.5)
    encoded = EncodeResult('POPoS', 8, 1.0, 1.0, 1.0)
    benchmark_decode.write(FACTS, [decoded], [encoded], out)
    return ['decode.json', 'decode.md'], ['decode.png']


def benchmarked(out, monkeypatch, broken):
    for name in ('plot_nme_by_decoder', 'plot_cumulative_errors', 'face_errors'):
        monkeypatch.setattr(figures, name, broken)
    found = predictions(1.0)
    found.save(out / 'predictions.npz')
    numbers = evaluate(found, ['ocular'], [0.1])
    result = Result('POPoS', False, 'predictions.npz', numbers)
    assert figures.draw_figures(benchmark(results=[result]), out) == []
    return ['predictions.npz'], [
        'nme_by_decoder.png',
        'the curves of full',
        'the curves of common',
        'worst_faces.png',
    ]


@pytest.mark.parametrize('tool', [compare, calibration, decoding_times, benchmarked])
def test_results_are_written_whatever_becomes_of_the_drawings(
    tmp_path, monkeypatch, capsys, broken, tool
):
    written, left_out = tool(tmp_path, monkeypatch, broken)
    printed = capsys.readouterr()
    for name in written:
        assert (tmp_path / name).stat().st_size
    assert printed.err.count('left out: error: ') == len(left_out)
    assert all(f'{name} left out' in printed.err for name in left_out)
    report = [line for line in printed.out.splitlines() if line.startswith('Written')]
    assert not any(name in line for line in report for name in left_out)


def test_faces_whose_images_are_no_files_are_counted(tmp_path, capsys):
    """As of a dataset that holds them in memory."""
    results = {'POPoS': DecoderResult({'NME_ocular': 0.1}, 1.0)}
    faces = [Face(f'person {number}', POINTS, {'POPoS': POINTS}) for number in range(3)]
    compare_decoders.write_results(tmp_path, FACTS, results, faces)
    assert '3 of 3 faces not drawn: their images are no files' in capsys.readouterr().out
    assert json.loads((tmp_path / 'decoders.json').read_text())['faces'] == 1
    path = tmp_path / 'image.png'
    cv2.imwrite(str(path), np.zeros((9, 9, 3), np.uint8))
    faces[1].path = str(path)
    assert compare_decoders.faces_by_decoder(faces) is not None
    assert '2 of 3 faces not drawn' in capsys.readouterr().out


BROKEN, BAD = {'bad.png', 'bad.mp4'}, 13


def frame(name, index=None):
    source = Source('image' if index is None else 'video', name)
    # Drawing is told the image alone.
    image = np.full((20, 30, 3), BAD if name in BROKEN and index != 0 else 120, np.uint8)
    times = (None, None) if index is None else (index / 10, 10.0)
    return FrameFaces(Frame(source, image, index, *times))


def test_a_drawing_that_fails_is_skipped_once_and_the_others_are_made(tmp_path, monkeypatch):
    results = [frame('a.png'), frame('bad.png'), *(frame('bad.mp4', i) for i in range(3))]
    results += [frame('film.mp4', i) for i in range(2)]
    targets = {each.frame.source: tmp_path / each.frame.source.name for each in results}
    draw = drawings.draw_faces

    def fail(image, faces, metainfo):
        if image[0, 0, 0] == BAD:
            raise cv2.error('the image is empty')
        return draw(image, faces, metainfo)

    monkeypatch.setattr(drawings, 'draw_faces', fail)
    problems, said = Problems(), []
    problems.show = said.append
    with Drawings(targets, problems) as writer:
        for each in results:
            writer.write(each)
    assert sorted(path.name for path in tmp_path.iterdir() if 'part' not in path.name) == [
        'a.png',
        'film.mp4',
    ]
    assert problems.count == 2
    assert [line.split(':')[0] for line in said] == [
        'skipped the drawing of bad.png',
        'skipped the drawing of bad.mp4',
    ]


def test_a_video_that_cannot_get_its_name_is_named_in_the_end(tmp_path, monkeypatch):
    def refuse(*arguments):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(video_writer, 'settle', refuse)
    problems, said = Problems(), []
    problems.show = said.append
    source = frame('film.mp4', 0)
    with Drawings({source.frame.source: tmp_path / 'film.mp4'}, problems) as writer:
        writer.write(source)
    (line,) = said
    assert 'skipped the drawing of film.mp4: [Errno 28] No space left' in line
