import pytest
from mmpose.datasets.transforms import TopdownAffine

from mmpose_multilat.tools.benchmarking.udp_crops import has_udp_crops, warn_of_udp_crops


def config(**affine):
    pipeline = [dict(type='LoadImage'), dict(input_size=(256, 256), **affine)]
    inner = dict(type='Face300WDataset', pipeline=pipeline)
    return dict(test_dataloader=dict(dataset=dict(type='CombinedDataset', datasets=[inner])))


@pytest.mark.parametrize('kind', ['TopdownAffine', 'mmpose.TopdownAffine', TopdownAffine])
def test_a_warning_is_one_line(capsys, kind):
    warn_of_udp_crops(config(type=kind, use_udp=True))
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith('warning: ') and 'use_udp=False in training and test' in line


@pytest.mark.parametrize(
    'content',
    [
        config(type='TopdownAffine', use_udp=False),
        config(type='TopdownAffine'),
        config(type='Other', use_udp=True),
        dict(train_dataloader=config(type='TopdownAffine', use_udp=True)['test_dataloader']),
        {},
    ],
)
def test_other_pipelines_are_not_worth_a_word(capsys, content):
    assert not has_udp_crops(content.get('test_dataloader'))
    warn_of_udp_crops(content)
    assert capsys.readouterr().err == ''
