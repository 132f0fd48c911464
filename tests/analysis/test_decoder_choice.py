import pytest
from mmpose.codecs import MSRAHeatmap

from mmpose_multilat.analysis import unfit_decoders
from mmpose_multilat.analysis.decoder_choice import choose_decoders
from mmpose_multilat.codecs import GaussianVector, KeyPosS, POPoS
from mmpose_multilat.errors import UserError

SIZES = dict(input_size=(256, 256), heatmap_size=(8, 8), sigma=1.5)


def test_names_and_settings():
    codec = POPoS(**SIZES)
    chosen = choose_decoders(
        codec, ['popos', 'OneHot', 'KeyPosS:kernel_size=3,edge=official', 'POPoS:solver=grid']
    )
    assert list(chosen) == [
        'POPoS',
        'one-hot',
        'KeyPosS kernel_size=3,edge=official',
        'POPoS solver=grid',
    ]
    assert chosen['POPoS'] is codec
    other = chosen['KeyPosS kernel_size=3,edge=official']
    assert (other.kernel_size, other.edge, other.sigma) == (3, 'official', 1.5)
    assert chosen['POPoS solver=grid'].solver == 'grid'


def test_settings_of_the_config_stay_unless_they_are_named():
    own = POPoS(**SIZES, num_anchors=25, covariance_scale=3.0, alignment='udp', beyond_box=True)
    (changed,) = choose_decoders(own, ['POPoS:solver=grid,sigma=2']).values()
    assert (changed.solver, changed.sigma) == ('grid', 2)
    assert (changed.num_anchors, changed.covariance_scale) == (25, 3.0)
    assert (changed.alignment, changed.beyond_box) == ('udp', True)
    (other,) = choose_decoders(own, ['KeyPosS:kernel_size=3']).values()
    assert (other.sigma, other.alignment, other.beyond_box) == (1.5, 'udp', True)


def test_stations_fit_small_heatmaps_also_with_settings():
    (decoder,) = choose_decoders(KeyPosS((64, 64), (3, 3)), ['POPoS:solver=grid']).values()
    assert (decoder.num_anchors, decoder.solver) == (9, 'grid')


def test_decoders_that_do_not_fit_are_left_out():
    codec = KeyPosS((64, 64), (2, 4))
    assert list(unfit_decoders(codec)) == ['GaussianMLE']
    assert list(choose_decoders(codec, [])) == ['one-hot', 'two-hot', 'DARK', 'KeyPosS', 'POPoS']
    with pytest.raises(UserError, match='`decoders` gaussianmle: GaussianMLE needs a heatmap_size'):
        choose_decoders(codec, ['gaussianmle'])


@pytest.mark.parametrize(
    'word, message',
    [
        ('Popo', '`decoders` Popo: unknown, choose from one-hot'),
        ('KeyPosS:kernel_size=99', 'kernel_size'),
        ('KeyPosS:kernel_size', '`decoders` KeyPosS:kernel_size'),
        ('KeyPosS:colour=red', 'colour'),
        ('POPoS:alignment=udp', 'alignment belongs to the heatmaps, which all decoders share'),
        ('POPoS:heatmap_size=4', 'heatmap_size belongs to the heatmaps'),
        ('POPoS:input_size=64', 'input_size belongs to the heatmaps'),
    ],
)
def test_mistakes_are_explained(word, message):
    with pytest.raises(UserError, match=message):
        choose_decoders(POPoS(**SIZES), [word])


def test_decoders_of_mmpose_take_no_settings():
    with pytest.raises(UserError, match='only decoders of this package take settings'):
        choose_decoders(MSRAHeatmap((256, 256), (64, 64), sigma=2), ['MSRAHeatmap:sigma=3'])


def test_vectors_have_their_own_decoder_alone():
    codec = GaussianVector((256, 256), (64, 64), theta=1.0)
    assert choose_decoders(codec, []) == {'GaussianVector': codec}
    (changed,) = choose_decoders(codec, ['GaussianVector:refine=exact']).values()
    assert (changed.refine, changed.theta) == ('exact', 1.0)
    with pytest.raises(UserError, match='`decoders` POPoS: unknown, choose from GaussianVector'):
        choose_decoders(codec, ['POPoS'])
