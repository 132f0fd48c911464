"""Equations (4) to (6) of LC-GCN against loops written out for three landmarks."""

import math

import pytest
import torch

from mmpose_multilat.models.layers import GraphBlock, GraphNetwork, LandmarkEdges
from mmpose_multilat.models.layers.landmark_graph import EDGES

LANDMARKS = 3


def randomise(module, seed=0):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in module.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator))
    return module.double()


def draw(*shape, seed=1):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def one_hot(index):
    vector = torch.zeros(LANDMARKS, dtype=torch.float64)
    vector[index] = 1
    return vector


def edge_by_hand(edges, confidences, i, j):
    """MLP([c_i, c_j, MLP([onehot_i, onehot_j])]) with all weights in full matrices."""
    tables = torch.cat((edges.listener.weight, edges.speaker.weight)).T  # channels x 2 K
    hidden = (tables @ torch.cat((one_hot(i), one_hot(j)))).clamp(min=0)
    classes = edges.class_layer.weight @ hidden + edges.class_layer.bias  # equation (5)
    joined = torch.cat((confidences[[i, j]], classes))
    matrix = torch.cat((edges.confidence_part.weight, edges.class_part.weight), 1)
    hidden = (matrix @ joined + edges.class_part.bias).clamp(min=0)
    return (edges.weight.weight @ hidden).item()  # equation (6)


def test_edges_of_confidence_are_the_softmax_of_both_networks():
    edges, confidences = randomise(LandmarkEdges(LANDMARKS)), draw(4, LANDMARKS)
    found = edges(confidences)
    for face, row in enumerate(confidences):
        for i in range(LANDMARKS):
            others = [j for j in range(LANDMARKS) if j != i]
            powers = {j: math.exp(edge_by_hand(edges, row, i, j)) for j in others}
            for j in others:
                expected = powers[j] / sum(powers.values())
                assert found[face, i, j].item() == pytest.approx(expected, rel=1e-9)
            assert found[face, i, i] == 0


@pytest.mark.parametrize('kind', EDGES)
def test_rows_add_up_to_one_and_none_listens_to_itself(kind):
    found = randomise(LandmarkEdges(5, kind))(draw(2, 5))
    assert found.shape == (2, 5, 5) and (found >= 0).all()
    torch.testing.assert_close(found.sum(-1), torch.ones(2, 5, dtype=torch.float64))
    assert (found.diagonal(dim1=-2, dim2=-1) == 0).all()


def test_learned_edges_know_the_landmarks_alone():
    edges = randomise(LandmarkEdges(4, 'learned'))
    one, other = edges(torch.stack((draw(4, seed=2), draw(4, seed=3))))
    assert torch.equal(one, other)
    row = edges.adjacency[0, 1:].exp()
    torch.testing.assert_close(one[0, 1:], row / row.sum())


def test_uniform_edges_are_all_alike():
    found = LandmarkEdges(5, 'uniform')(torch.rand(1, 5))
    assert (found + 0.25 * torch.eye(5)).allclose(torch.tensor(0.25))


def test_a_block_adds_every_message_with_its_displacement():
    block, edges = randomise(GraphBlock(4, 3)), draw(2, LANDMARKS, LANDMARKS, seed=2).softmax(-1)
    nodes, places = draw(2, LANDMARKS, 4, seed=3), draw(2, LANDMARKS, 2, seed=4)
    found = block(nodes, places, edges)
    for face in range(2):
        for i in range(LANDMARKS):
            expected = block.own.weight @ nodes[face, i] + block.own.bias
            for j in range(LANDMARKS):
                displacement = places[face, i] - places[face, j]
                told = torch.cat((nodes[face, j], displacement))
                expected = expected + edges[face, i, j] * (block.message.weight @ told)
            torch.testing.assert_close(found[face, i], expected)


def test_relabelled_landmarks_are_answered_in_their_new_order():
    """With the same class for all, nothing but the order of the inputs tells landmarks apart."""
    network = randomise(GraphNetwork(6, 5))
    with torch.no_grad():
        for table in (network.edges.listener.weight, network.edges.speaker.weight):
            table.copy_(table[:1].expand_as(table))
    inputs = draw(2, 6, 5, seed=5), draw(2, 6, 2, seed=6), draw(2, 6, seed=7)
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    answer, edges = network(*inputs)
    moved, moved_edges = network(*(each[:, order] for each in inputs))
    torch.testing.assert_close(moved, answer[:, order])
    torch.testing.assert_close(moved_edges, edges[:, order][:, :, order])


def test_a_landmark_influences_others_by_its_edge_and_no_more():
    """The derivative of one block's answer by the features of j is e_ij W2, with trust or none."""
    network = randomise(GraphNetwork(3, 4, hidden_channels=()))
    features, places = draw(1, 3, 4, seed=5), draw(1, 3, 2, seed=6)
    confidences = torch.tensor([[0.9, 0.8, 0.0]], dtype=torch.float64)

    def answer(nodes):
        block = network.blocks[0]
        return block(nodes, places, network.edges(confidences))

    nodes = torch.cat((places, network.embedding(features)), -1)
    slope = torch.autograd.functional.jacobian(answer, nodes)[0, :, :, 0]  # (i, 2, j, channels)
    edges, weight = network.edges(confidences)[0], network.blocks[0].message.weight[:, :-2]
    for i in (0, 1):
        torch.testing.assert_close(slope[i, :, 2], edges[i, 2] * weight)


def test_a_network_that_starts_at_zero_answers_zero_and_learns():
    network = GraphNetwork(4, 5)
    network.start_at_zero()
    inputs = torch.rand(2, 4, 5), torch.rand(2, 4, 2), torch.rand(2, 4)
    answer, _ = network(*inputs)
    assert (answer == 0).all()
    (answer - 1).square().sum().backward()
    assert network.blocks[-1].own.weight.grad.abs().sum() > 0


@pytest.mark.parametrize('batch', [0, 1])
def test_no_face_and_one_face_in_half_precision(batch):
    network = GraphNetwork(4, 5).half()
    answer, edges = network(torch.rand(batch, 4, 5), torch.rand(batch, 4, 2), torch.rand(batch, 4))
    assert answer.shape == (batch, 4, 2) and edges.shape == (batch, 4, 4)
    assert answer.dtype == torch.float16 and answer.isfinite().all()


@pytest.mark.parametrize(
    ('settings', 'named'),
    [
        (dict(landmarks=1), 'landmarks'),
        (dict(edges='all'), 'edges'),
        (dict(feature_channels=0), 'feature_channels'),
        (dict(hidden_channels=(64, 0)), 'hidden_channels'),
        (dict(embedding_channels=1.5), 'embedding_channels'),
    ],
)
def test_wrong_settings_are_named(settings, named):
    with pytest.raises(ValueError, match=named):
        GraphNetwork(**{**dict(landmarks=3, feature_channels=4), **settings})
