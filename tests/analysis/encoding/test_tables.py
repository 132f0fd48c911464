from dataclasses import replace

from encoding_samples import encoding, without_times

from mmpose_multilat.analysis.encoding.tables import markdown


def test_circumstances_errors_and_times():
    text = markdown(encoding())
    assert '689 faces of 300w_public_test.npz, 68 landmarks, crops of 1.25 x the box' in text
    assert 'sigma 2 cells, msra alignment, no noise' in text
    assert 'fraction of the distance of the outer eye corners (ocular)' in text
    lines = text.splitlines()
    assert '| one-hot      | 0.0132 | 0.0995 |' in lines
    assert '| KeyPosS wide | 0.0001 |      - |' in lines
    assert 'median of 7 on CPU (Abacus), 2 threads, batches of 64:' in text
    assert '| one-hot      | 0.250 | 0.125 |' in lines
    assert '| KeyPosS wide | 0.500 |     - |' in lines


def test_without_times_and_with_noise():
    text = markdown(without_times(encoding(noise=0.05, seed=3)))
    assert 'noise of 0.05 on every cell (seed 3)' in text
    assert 'ms per face' not in text


def test_faces_that_are_left_out_are_counted():
    sample = encoding()
    results = [replace(each, metrics={'undefined_ocular': 689}) for each in sample.results]
    text = markdown(replace(sample, results=results))
    assert '689 faces for which this is undefined are left out.' in text
    assert '| one-hot      |     - |   - |' in text.splitlines()
