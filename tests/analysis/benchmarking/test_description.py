"""From a pass over a test set to the record of a benchmark, for heads of every kind."""

import csv

import cv2
import pytest
from pass_samples import META, POINTS, SIMCC, SIZE, VECTORS, Loader, heatmaps_by, make_estimator

from mmpose_multilat.analysis import measure, registered_decoders
from mmpose_multilat.analysis.benchmarking import records
from mmpose_multilat.analysis.benchmarking.description import describe
from mmpose_multilat.analysis.benchmarking.figures import draw_figures, draw_joint_figures
from mmpose_multilat.analysis.benchmarking.setup import Setup
from mmpose_multilat.analysis.benchmarking.tables import markdown, write_csv
from mmpose_multilat.evaluation import FaceAlignmentMetric

pytestmark = pytest.mark.usefixtures('one_thread', 'quick_times')


def described(head):
    model, loader = make_estimator(head), Loader()
    loader.dataset.ann_file = 'annotations/faces.json'
    metric = FaceAlignmentMetric(normalisers=['box_tight'])
    metric.dataset_meta = META
    decoders = registered_decoders(model.head.decoder)
    measured = measure(model, loader, decoders, metric)
    setup = Setup('c.py', 'w.pth', 'cpu', model, loader, len(loader.dataset), decoders, metric)
    return describe(setup, measured, 'a command'), measured


@pytest.mark.parametrize(
    'head, size, sigma',
    [
        (heatmaps_by('POPoS'), (16, 8), 2.0),
        (heatmaps_by('UDPHeatmap'), (16, 8), 2.0),
        (VECTORS, (16, 8), 2.0),
        (SIMCC, None, None),
        (POINTS, None, None),
    ],
)
def test_facts_of_the_head(head, size, sigma):
    benchmark, _ = described(head)
    assert (benchmark.heatmap_size, benchmark.sigma) == (size, sigma)
    assert benchmark.input_size == SIZE and benchmark.landmarks == META['num_keypoints']
    (own,) = (each for each in benchmark.decoders if each.own)
    assert own.codec == head['decoder']['type']
    assert benchmark.complexity.gflops > 0


def test_heads_without_heatmaps_are_written_and_drawn(tmp_path):
    benchmark, measured = described(POINTS)
    assert records.load(records.save(benchmark, tmp_path)) == benchmark
    assert '5 landmarks, no heatmaps of a 64x32 input' in markdown(benchmark)
    write_csv(benchmark, tmp_path / 'x.csv')
    with (tmp_path / 'x.csv').open() as file:
        assert {row['heatmap_width'] for row in csv.DictReader(file)} == {''}
    for result in benchmark.results:
        found = measured.predictions[result.decoder, result.flip_test]
        found.save(tmp_path / result.predictions)
    for path in draw_figures(benchmark, tmp_path):
        assert cv2.imread(str(path)) is not None
    joint = draw_joint_figures([benchmark, benchmark], tmp_path)
    assert [path.name for path in joint] == ['nme_by_gflops_faces_4_box_tight.png']
