"""Measurements of `encode_decode` written by hand, for the tests of what is made of them."""

from dataclasses import replace

import numpy as np

from mmpose_multilat.analysis import Timing
from mmpose_multilat.analysis.encoding.records import Encoding, EncodingResult
from mmpose_multilat.evaluation import Predictions


def faces(count):
    """Faces of 68 landmarks in px of a 256 x 256 crop."""
    true = np.random.default_rng(0).uniform(20, 236, (count, 68, 2))
    return Predictions(
        predicted=true,
        true=true,
        labelled=np.ones((count, 68), bool),
        occluded=None,
        scores=np.ones((count, 68)),
        boxes=np.full((count, 4), np.nan),
        images=[''] * count,
        ids=list(range(count)),
        dataset='300w',
    )


def encoding(**changes):
    """Two decoders on 300W at 64x64 and 8x8; the window of the second does not fit into 8x8."""
    results = [
        EncodingResult(label, codec, {}, size, {'NME_ocular': nme, 'faces': 689}, timing)
        for label, codec, size, nme, timing in (
            ('one-hot', 'OneHot', 64, 0.0132, Timing(0.25, 0.2, 0.3, 7)),
            ('one-hot', 'OneHot', 8, 0.0995, Timing(0.125, 0.1, 0.2, 7)),
            ('KeyPosS wide', 'KeyPosS', 64, 0.0001, Timing(0.5, 0.4, 0.6, 7)),
        )
    ]
    sample = Encoding(
        annotations='300w_public_test.npz',
        date='2026-01-02T03:04:05+00:00',
        command='python -m mmpose_multilat.tools.encode_decode 300w_public_test.npz',
        hardware=dict(device='CPU (Abacus)', processor='Abacus', system='Linux', threads='2'),
        versions=dict(python='3.11.0'),
        faces=689,
        landmarks=68,
        input_size=(256, 256),
        crop_padding=1.25,
        sigma=2.0,
        alignment='msra',
        noise=0.0,
        seed=0,
        batch_size=64,
        normalisers=['ocular'],
        results=results,
    )
    return replace(sample, **changes)


def without_times(sample):
    return replace(sample, results=[replace(each, timing=None) for each in sample.results])
