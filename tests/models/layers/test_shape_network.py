"""Against complex numbers, which turn and scale by themselves."""

import numpy as np
import pytest
import torch
from torch import nn

from mmpose_multilat.models.layers import ShapeNetwork

LANDMARKS = 6


def make_faces(count, seed=0):
    """Faces of one shape, each moved, turned and scaled, with a little noise."""
    numbers = np.random.default_rng(seed)
    shape = np.random.default_rng(1).normal(size=(2, LANDMARKS))
    angles, scales = numbers.uniform(-0.5, 0.5, (count, 1)), numbers.uniform(0.5, 1.5, (count, 1))
    turn = scales * np.exp(1j * angles)
    noise = numbers.normal(size=(count, LANDMARKS)) + 1j * numbers.normal(size=(count, LANDMARKS))
    moved = numbers.normal(size=(count, 1)) + 1j * numbers.normal(size=(count, 1))
    return (shape[0] + 1j * shape[1] + 0.1 * noise) * turn + moved


def as_places(faces):
    return torch.from_numpy(np.stack((faces.real, faces.imag), -1)).float()


def trained(seed=0):
    """A network with random weights that has seen some faces."""
    torch.manual_seed(seed)
    network = ShapeNetwork(LANDMARKS)
    network(None, as_places(make_faces(64)), torch.rand(64, LANDMARKS))
    return network.eval()


def test_the_twin_in_complex_numbers():
    network = trained()
    faces, scores = make_faces(5, seed=3), np.random.default_rng(4).random((5, LANDMARKS))
    mean = network.mean_face.numpy() @ (1, 1j)
    centred = faces - faces.mean(1, keepdims=True)
    factor = (centred.conj() * mean).sum(1) / (abs(centred) ** 2).sum(1)
    aligned = centred * factor[:, None]
    inputs = np.stack((aligned.real, aligned.imag), -1).reshape(5, -1)
    inputs = np.hstack((inputs, scores))
    known = network.normalisation
    inputs = (inputs - known.running_mean.numpy()) / np.sqrt(known.running_var.numpy() + known.eps)
    weight, bias = network.weights.weight.detach().numpy(), network.weights.bias.detach().numpy()
    offsets = (inputs @ weight.T + bias).reshape(5, LANDMARKS, 2) @ (1, 1j) / factor[:, None]
    with torch.no_grad():
        found, _ = network(None, as_places(faces), torch.from_numpy(scores).float())
    np.testing.assert_allclose(found.numpy() @ (1, 1j), offsets, atol=1e-4)


def test_offsets_turn_and_scale_with_the_face():
    network, scores = trained(), torch.rand(3, LANDMARKS)
    faces, turn = make_faces(3, seed=5), 1.7 * np.exp(0.4j)
    with torch.no_grad():
        found, _ = network(None, as_places(faces), scores)
        other, _ = network(None, as_places(faces * turn + (3 - 2j)), scores)
    np.testing.assert_allclose(other.numpy() @ (1, 1j), found.numpy() @ (1, 1j) * turn, atol=1e-4)


def test_it_learns_what_one_landmark_tells_of_another():
    torch.manual_seed(0)
    network = ShapeNetwork(LANDMARKS)
    network.start_at_zero()
    places, scores = as_places(make_faces(256)), torch.ones(256, LANDMARKS)
    # Of faces that stand upright, else the first landmark's height would turn with them.
    places = places - places.mean(1, keepdim=True)
    wrong = torch.zeros_like(places)
    wrong[:, 4] = 0.5 * (places[:, 1] - places[:, 0])
    optimiser = torch.optim.Adam(network.parameters(), lr=0.02)
    assert not network(None, places, scores)[0].any()
    for _ in range(300):
        offsets, edges = network(None, places, scores)
        error = (offsets + wrong).square().mean()
        optimiser.zero_grad()
        error.backward()
        optimiser.step()
    assert error < 0.01 * wrong.square().mean()
    assert set(edges[0, 4].topk(3).indices.tolist()) >= {0, 1} - {4}
    torch.testing.assert_close(edges[0, 4].sum(), torch.tensor(1.0))
    assert edges[0].diagonal().abs().max() == 0


@pytest.mark.parametrize('training', [False, True])
@pytest.mark.parametrize('batch', [0, 1, 2])
def test_small_batches_and_faces_without_extent(training, batch):
    network = ShapeNetwork(LANDMARKS).train(training)
    nn.init.normal_(network.weights.weight)
    if batch == 0 and training:
        return  # no training step has no face
    places = torch.zeros(batch, LANDMARKS, 2)
    if batch == 2:
        places[1] = as_places(make_faces(1))[0]
    found, edges = network(None, places, torch.zeros(batch, LANDMARKS))
    assert found.isfinite().all() and found.shape == (batch, LANDMARKS, 2)
    assert edges.shape == (batch, LANDMARKS, LANDMARKS)
    if batch:
        assert not found[0].any()


def test_a_single_landmark_has_no_shape():
    with pytest.raises(ValueError, match='landmarks'):
        ShapeNetwork(1)
