"""Benchmarks written by hand, for the tests of what is made of them."""

from dataclasses import replace

import numpy as np

from mmpose_multilat.analysis import Complexity, Timing
from mmpose_multilat.analysis.benchmarking.records import Benchmark, DecoderRecord, Result
from mmpose_multilat.evaluation import Predictions


def timing(ms):
    return Timing(ms_per_face=ms, fastest=ms / 2, slowest=2 * ms, measurements=7)


def numbers(nme, faces=2500, **others):
    return {'NME_ocular': nme, 'FR_ocular@0.10': nme / 2, 'AUC_ocular@0.10': 1 - nme, **others} | {
        'faces': faces
    }


def benchmark(**changes):
    """WFLW at 64x64: one-hot and POPoS, the latter without flip test as in the config."""
    results = [
        Result(label, flip, f'predictions/{label}_{flip}.npz', metrics)
        for label, flip, metrics in (
            ('one-hot', False, {'full': numbers(0.08), 'pose': numbers(0.16, 326)}),
            ('one-hot', True, {'full': numbers(0.07), 'pose': numbers(0.14, 326)}),
            ('POPoS', False, {'full': numbers(0.04), 'pose': numbers(0.06, 326)}),
            ('POPoS', True, {'full': numbers(0.05), 'pose': numbers(0.07, 326)}),
        )
    ]
    sample = Benchmark(
        config='popos_hrnetv2-w18_4xb32-100e_wflw-256x256-hm64.py',
        checkpoint='epoch_100.pth',
        date='2026-01-02T03:04:05+00:00',
        command='python -m mmpose_multilat.tools.benchmark config.py epoch_100.pth',
        hardware=dict(device='CPU (Abacus)', processor='Abacus', system='Linux', threads='2'),
        versions=dict(python='3.11.0'),
        dataset='wflw',
        annotations='face_landmarks_wflw_test.json',
        faces=2500,
        faces_of_test_set=2500,
        landmarks=98,
        input_size=(256, 256),
        heatmap_size=(64, 64),
        sigma=2.0,
        unbiased=True,
        flip_test=False,
        flip=dict(flip_mode='heatmap', shift_heatmap=True),
        normalisers=['ocular'],
        thresholds=[0.1],
        complexity=Complexity(9.74, 4.75),
        batch_size=32,
        network=dict(off=timing(10.0), on=timing(20.0)),
        decoders=[
            DecoderRecord('one-hot', 'OneHot', {}, False, timing(0.25)),
            DecoderRecord('POPoS', 'POPoS', dict(solver='exact'), True, timing(0.5)),
        ],
        results=results,
    )
    return replace(sample, **changes)


def predictions(shift=1.0, faces=3):
    """Faces of 68 landmarks, 100 px between the outer eye corners, each off by `shift` px in x."""
    rng = np.random.default_rng(0)
    true = rng.uniform(50, 150, (faces, 68, 2))
    true[:, 36], true[:, 45] = (50, 80), (150, 80)
    predicted = true + (shift, 0)
    labelled = np.ones((faces, 68), bool)
    subset = np.arange(faces) == 0
    return Predictions(
        predicted=predicted,
        true=true,
        labelled=labelled,
        occluded=None,
        scores=np.ones((faces, 68)),
        boxes=np.full((faces, 4), np.nan),
        images=[f'nowhere/{face}.jpg' for face in range(faces)],
        ids=list(range(faces)),
        subsets={'common': subset},
        dataset='300w',
    )
