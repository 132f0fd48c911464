import numpy as np
import pytest

from mmpose_multilat.deploy.comparison import DiscrepancyError, check_any_compared, compare


def outputs(shift=0.0, scores=1.0, **more):
    """One face with three landmarks, the second of which is moved along x."""
    keypoints = np.zeros((1, 3, 2), dtype=np.float32)
    keypoints[0, 1, 0] = shift
    return dict(keypoints=keypoints, scores=np.full((1, 3), scores, dtype=np.float32), **more)


def test_equal_outputs_agree():
    agreement = compare('test', outputs(), outputs(), [outputs()])
    agreement.check()
    assert (agreement.landmarks, agreement.compared, agreement.difference) == (3, 3, 0)
    assert str(agreement) == 'test: largest difference 0 px, 3 of 3 landmarks compared'


@pytest.mark.parametrize('shift, agrees', [(0.0099, True), (0.0101, False), (float('nan'), False)])
def test_a_hundredth_of_a_pixel_is_the_limit(shift, agrees):
    agreement = compare('test', outputs(shift), outputs(), [outputs()])
    if agrees:
        agreement.check()
        assert agreement.difference == pytest.approx(shift)
    else:
        with pytest.raises(DiscrepancyError, match='test: ONNX and PyTorch differ by .* px'):
            agreement.check()


def test_landmarks_that_rounding_moves_are_not_compared():
    agreement = compare('test', outputs(5.0), outputs(), [outputs(), outputs(0.003)])
    agreement.check()
    assert (agreement.compared, agreement.difference) == (2, 0)


def test_landmarks_whose_trust_hangs_on_rounding_are_not_compared():
    agreement = compare('test', outputs(scores=0.0), outputs(), [outputs(scores=0.0)])
    agreement.check()
    assert (agreement.compared, agreement.difference) == (0, 0)


@pytest.mark.parametrize(
    'name, shape, limit',
    [
        ('scores', (1, 3), 1e-4),
        ('heatmaps', (1, 3, 4, 4), 1e-4),
        ('covariances', (1, 3, 2, 2), 1e-2),
    ],
)
def test_other_outputs_must_agree_too(name, shape, limit):
    values = np.ones(shape)
    expected = {**outputs(), name: values}
    close = {**outputs(), name: values * (1 + 0.9 * limit)}
    compare('test', close, expected, [outputs()]).check()
    agreement = compare(
        'test', {**outputs(), name: values * (1 + 2 * limit)}, expected, [outputs()]
    )
    with pytest.raises(DiscrepancyError, match=f'{name} .* differ by {2 * limit:.2g} of the larg'):
        agreement.check()


def test_heatmaps_are_compared_where_no_landmark_is():
    expected = {**outputs(), 'heatmaps': np.ones((1, 3, 4, 4))}
    moved = outputs()
    moved['keypoints'] = moved['keypoints'] + 1
    found = {**outputs(), 'heatmaps': np.full((1, 3, 4, 4), 2.0)}
    agreement = compare('test', found, expected, [moved])
    assert agreement.compared == 0 and agreement.relative['heatmaps'] == 1


def test_comparisons_of_nothing_are_refused():
    """As of a network whose heatmaps are not finite: every landmark has score 0 then."""
    untrusted, trusted = outputs(scores=0.0), outputs()
    nothing = compare('crops', untrusted, untrusted, [untrusted])
    nothing.check()
    with pytest.raises(DiscrepancyError, match='crops: .* 0 of 3 landmarks .* nothing could be'):
        check_any_compared([nothing, nothing])
    check_any_compared([nothing, compare('faces', trusted, trusted, [trusted])])


def test_zeros_agree_with_zeros():
    agreement = compare('test', outputs(scores=0.0), outputs(scores=0.0), [])
    agreement.check()
    assert agreement.compared == 3


def test_untrusted_landmarks_are_compared_without_alternatives_only():
    untrusted = outputs(scores=0.0)
    compare('test', outputs(5.0, scores=0.0), untrusted, [untrusted]).check()
    with pytest.raises(DiscrepancyError, match='differ by 5 px'):
        compare('test', outputs(5.0, scores=0.0), untrusted, []).check()


def test_unknown_covariances_must_be_unknown_in_both():
    known, unknown = np.ones((1, 3, 2, 2)), np.ones((1, 3, 2, 2))
    unknown[0, 1] = np.nan
    expected = {**outputs(), 'covariances': unknown}
    compare('test', {**outputs(), 'covariances': unknown}, expected, []).check()
    near = {**outputs(), 'covariances': unknown * 1.005}
    assert compare('test', near, expected, []).relative['covariances'] == pytest.approx(0.005)
    for found, other in ((known, unknown), (unknown, known)):
        agreement = compare(
            'test', {**outputs(), 'covariances': found}, {**outputs(), 'covariances': other}, []
        )
        with pytest.raises(DiscrepancyError, match='covariances of ONNX and PyTorch differ by nan'):
            agreement.check()
