import numpy as np
import torch
from encoding_samples import faces

from mmpose_multilat.analysis.encoding.round_trip import (
    Heatmaps,
    encode_batches,
    fitting_decoders,
    round_trip,
)


def test_heatmaps_are_gaussians_at_the_landmarks():
    sample = faces(3)
    (landmarks, encoded), (last, _) = encode_batches(sample, Heatmaps(8, sigma=1.5), 2)
    assert encoded.shape == (2, 68, 8, 8) and len(last) == 1
    rows, columns = np.mgrid[:8, :8]
    for face, landmark in ((0, 0), (1, 67)):
        x, y = sample.true[face, landmark] / 32  # 8 cells over 256 px, msra
        expected = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 1.5**2))
        np.testing.assert_allclose(encoded[face, landmark], expected, atol=1e-5)
    np.testing.assert_allclose(landmarks, sample.true[:2], rtol=1e-6)


def test_noise_has_the_spread_asked_for_and_repeats():
    sample = faces(4)
    (_, clean), (_, noisy), (_, again), (_, other) = (
        next(encode_batches(sample, Heatmaps(16, noise=noise, seed=seed), 4))
        for noise, seed in ((0, 0), (0.05, 0), (0.05, 0), (0.05, 1))
    )
    assert abs(float((noisy - clean).std()) - 0.05) < 1e-3
    assert torch.equal(noisy, again) and not torch.equal(noisy, other)


def test_every_decoder_sees_the_same_heatmaps():
    sample = faces(5)
    heatmaps = Heatmaps(16, noise=0.02)
    decoders = fitting_decoders(['one-hot', 'KeyPosS'], heatmaps)
    found = round_trip(sample, decoders, encode_batches(sample, heatmaps, 2))
    whole = torch.cat([encoded for _, encoded in encode_batches(sample, heatmaps, 2)])
    for label, codec in decoders.items():
        expected = np.concatenate(codec.batch_decode(whole)[0])
        np.testing.assert_array_equal(found[label].predicted, expected)


def test_decoders_that_do_not_fit_are_missing():
    words = ['one-hot', 'KeyPosS:kernel_size=5', 'POPoS:num_anchors=25']
    assert list(fitting_decoders(words, Heatmaps(4))) == ['one-hot']
    assert len(fitting_decoders(words, Heatmaps(8))) == 3
