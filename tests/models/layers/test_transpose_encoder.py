import pytest
import torch
from torch import nn

from mmpose_multilat.models.layers import TransPoseEncoder, sine_positions


def build(**changes):
    torch.manual_seed(0)
    return TransPoseEncoder(6, **{**dict(channels=8, heads=2, layers=1), **changes}).eval()


def by_torch(encoder, features):
    """The same layer out of torch's attention, whose query and key alone know the positions."""
    layer = encoder.layers[0]
    attention = nn.MultiheadAttention(8, layer.heads, batch_first=True)
    linear = [*layer.query_key.weight.chunk(2), layer.value.weight]
    attention.in_proj_weight.data = torch.cat(linear)
    attention.in_proj_bias.data = torch.cat((layer.query_key.bias, layer.value.bias))
    attention.out_proj.load_state_dict(layer.output.state_dict())
    cells = encoder.reduce(features).flatten(2).transpose(1, 2)
    placed = cells + sine_positions(*features.shape[-2:], 8, features)
    cells = layer.norms[0](cells + attention(placed, placed, cells)[0])
    return layer.norms[1](cells + layer.feedforward(cells)).transpose(1, 2)


def test_layer_is_that_of_torch():
    features = torch.randn(3, 6, 4, 5)
    encoder = build()
    expected = by_torch(encoder, features).unflatten(-1, (4, 5))
    torch.testing.assert_close(encoder(features), expected, atol=1e-5, rtol=1e-5)


def test_every_cell_sees_every_other():
    features = torch.randn(1, 6, 4, 5, requires_grad=True)
    build()(features)[0, 0, 0, 0].backward()
    assert (features.grad.abs().sum(1) > 0).all()


def test_positions_differ_from_cell_to_cell_and_say_rows_and_columns():
    positions = sine_positions(3, 4, 8, torch.zeros(()))
    assert positions.shape == (12, 8)
    assert torch.cdist(positions, positions).add(torch.eye(12)).min() > 0.1
    grid = positions.reshape(3, 4, 8)
    assert torch.equal(grid[:, 0, :4], grid[:, 3, :4])  # of the row
    assert torch.equal(grid[0, :, 4:], grid[2, :, 4:])  # of the column


def test_dropout_only_while_training():
    features = torch.randn(1, 6, 4, 4)
    encoder = build(dropout=0.5)
    assert torch.equal(encoder(features), encoder(features))
    encoder.train()
    assert not torch.equal(encoder(features), encoder(features))


def test_settings_of_the_paper():
    residual = TransPoseEncoder(512, channels=256, heads=8, layers=4)
    assert len(residual.layers) == 4 and residual.layers[0].heads == 8
    assert residual.layers[0].feedforward[0].out_features == 1024  # TransPose-R


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(channels=6), 'multiple of 4'),
        (dict(channels=8, heads=3), 'heads=3'),
        (dict(layers=0), 'layers=0'),
        (dict(dropout=-1), 'dropout=-1'),
    ],
)
def test_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)
