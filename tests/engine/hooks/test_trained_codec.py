"""The codec that a checkpoint's config tells, read without running it."""

import pytest
from mmengine.config import Config
from mmpose.codecs import MSRAHeatmap

from mmpose_multilat.codecs import GaussianVector, KeyPosS, POPoS
from mmpose_multilat.engine.hooks.trained_codec import build_codec, read_config, trained_codec

FOLDER = 'configs/face_2d_keypoint'
SETTINGS = dict(input_size=(64, 64), heatmap_size=(16, 16), sigma=1)


@pytest.mark.parametrize(
    'path, kind, sigma',
    [
        ('popos/wflw/popos_hrnetv2-w18_4xb32-100e_wflw-256x256-hm8.py', POPoS, 2),
        (
            'gaussian_vector/300w/gaussian-vector_res50_4xb32-100e_300w-256x256-hm64.py',
            GaussianVector,
            2,
        ),
    ],
)
def test_the_text_that_mmengine_writes(path, kind, sigma):
    config = Config.fromfile(f'{FOLDER}/{path}')
    codec = trained_codec(config.pretty_text)
    assert type(codec) is kind and codec.sigma == sigma
    plain = config.to_dict()
    assert {**plain, **read_config(config.pretty_text)} == plain


def test_the_encoder_comes_before_the_decoder():
    decoder = f'model = dict(head=dict(decoder=dict(type="KeyPosS", **{SETTINGS!r})))'
    decoder = decoder.replace(f'**{SETTINGS!r}', 'input_size=(64, 64), heatmap_size=(16, 16)')
    assert type(trained_codec(decoder)) is KeyPosS
    encoder = (
        '\ntrain_dataloader = dict(dataset=dict(datasets=[dict(pipeline=[dict(type="GenerateTarget"'
        ', encoder=dict(type="mmpose.MSRAHeatmap", input_size=(64, 64), heatmap_size=(16, 16), '
        'sigma=1.5))])]))'
    )
    codec = trained_codec(decoder + encoder)
    assert type(codec) is MSRAHeatmap and codec.sigma == 1.5


@pytest.mark.parametrize(
    'text', ['', 'no Python (', '\0', 'model = None', 'model = dict(head=dict(decoder=3))']
)
def test_texts_that_tell_nothing(text):
    assert trained_codec(text) is None


def test_nothing_is_run(tmp_path):
    sentinel = tmp_path / 'sentinel'
    text = (
        f"import os\nx = open({str(sentinel)!r}, 'w')\ny = dict(a=__import__('os').mkdir("
        f"{str(sentinel)!r}), b=[1, (2.5, -3), 'c'], **dict(d=1))\nz = {{'e': None}}\n"
        "model = dict(head=dict(decoder=dict(type='antigravity.KeyPosS')))"
    )
    found = read_config(text)
    assert found['x'] is None and found['y'] == dict(a=None, b=[1, (2.5, -3), 'c'])
    assert found['z'] == dict(e=None)
    assert trained_codec(text) is None  # without the sizes that KeyPosS needs
    assert not sentinel.exists()


def test_settings_of_no_codec():
    assert type(build_codec(dict(type=KeyPosS, **SETTINGS))) is KeyPosS
    for settings in (None, 3, {}, dict(type='Nope'), dict(type=int), dict(type='KeyPosS', a=1)):
        assert build_codec(settings) is None
    assert build_codec(dict(SETTINGS, type='KeyPosS', sigma=-1)) is None
