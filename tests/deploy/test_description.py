import json

import pytest
from deploy.drawn_crops import make_description
from mmpose.apis import init_model

from mmpose_multilat import __version__
from mmpose_multilat.analysis.loading import load_config
from mmpose_multilat.codecs import POPoS
from mmpose_multilat.deploy import ModelDescription, describe
from mmpose_multilat.deploy.describing import codec_settings
from mmpose_multilat.landmarks.schemes import flip_pairs

CONFIG = 'configs/face_2d_keypoint/popos/300w/popos_hrnetv2-w18_4xb32-100e_300w-256x256-hm8.py'


def make_model(**options):
    return init_model(load_config(CONFIG, options), device='cpu')


def test_metadata_are_read_back():
    description = make_description(flip_pairs=((0, 1), (2, 5)), codec=dict(type='OneHot', sigma=2))
    metadata = description.to_metadata()
    assert json.loads(metadata['mmpose_multilat.input_size']) == [256, 256]
    assert ModelDescription.from_metadata(metadata) == description


def test_missing_metadata_are_named():
    metadata = make_description().to_metadata()
    del metadata['mmpose_multilat.mean'], metadata['mmpose_multilat.landmarks']
    with pytest.raises(ValueError, match='mmpose_multilat.mean, mmpose_multilat.landmarks'):
        ModelDescription.from_metadata(metadata)


@pytest.mark.parametrize('input_type, shape', [('uint8', (6, 8, 3)), ('float32', (3, 6, 8))])
def test_shape_of_a_crop(input_type, shape):
    assert make_description(input_size=(8, 6), input_type=input_type).input_shape == shape


def test_a_model_is_described():
    description = describe(make_model(), landmarks=68, raw=False, flip_test=True, config='hm8.py')
    assert description.input_size == (256, 256) and description.heatmap_size == (8, 8)
    assert (description.input_type, description.channel_order) == ('float32', 'RGB')
    assert description.mean == pytest.approx((123.675, 116.28, 103.53))
    assert description.std == pytest.approx((58.395, 57.12, 57.375))
    assert description.landmarks == 68 and description.flip_test
    # Outer and inner corners of the eyes change places, the tip of the nose does not.
    assert {(36, 45), (39, 42)} <= set(description.flip_pairs)
    assert not any(30 in pair for pair in description.flip_pairs)
    assert description.codec['type'] == 'POPoS' and description.codec['num_anchors'] == 10
    assert (description.dataset, description.config) == ('300w', 'hm8.py')
    assert (description.bbox_padding, description.use_udp) == (1.25, False)
    assert description.version == __version__


def test_a_raw_model_takes_bgr():
    description = describe(make_model(), landmarks=68, raw=True, flip_test=False)
    assert (description.input_type, description.channel_order) == ('uint8', 'BGR')


def test_a_network_may_see_bgr_without_normalisation():
    options = {
        'model.data_preprocessor.mean': None,
        'model.data_preprocessor.std': None,
        'model.data_preprocessor.bgr_to_rgb': False,
    }
    description = describe(make_model(**options), landmarks=68, raw=False, flip_test=False)
    assert description.channel_order == 'BGR'
    assert (description.mean, description.std) == ((0, 0, 0), (1, 1, 1))


def test_landmarks_of_another_data_set_have_unknown_pairs():
    description = describe(make_model(), landmarks=98, raw=False, flip_test=False)
    assert description.flip_pairs is None and description.dataset == ''


def test_crops_are_cut_as_in_the_test_pipeline():
    model = make_model()
    for step in model.cfg.test_dataloader.dataset.pipeline:
        if step['type'] == 'GetBBoxCenterScale':
            step['padding'] = 1.5
        if step['type'] == 'TopdownAffine':
            step['use_udp'] = True
    description = describe(model, landmarks=68, raw=False, flip_test=False)
    assert (description.bbox_padding, description.use_udp) == (1.5, True)


def test_pairs_from_partners():
    assert flip_pairs([2, 1, 0, 4, 3]) == ((0, 2), (3, 4))


def test_settings_rebuild_the_codec():
    settings = codec_settings(POPoS((256, 128), (16, 8), num_anchors=7, solver='grid'))
    assert settings.pop('type') == 'POPoS'
    assert codec_settings(POPoS(**settings)) == dict(type='POPoS', **settings)
    assert (settings['num_anchors'], settings['solver']) == (7, 'grid')
