"""Every decoder in one graph of torch.compile, whose shapes and data may then change."""

import pytest
import torch
from registered_decoders import registered_decoders
from torch_features import needs_graphs

from mmpose_multilat.codecs import POPoS
from mmpose_multilat.multilateration import encode_gaussian

BUILDERS = {
    **{cls.__name__: cls for cls in registered_decoders()},
    **{
        f'POPoS {solver}': lambda *args, solver=solver: POPoS(*args, solver=solver)
        for solver in ('grid', 'gauss_newton')
    },
}


def noisy_heatmaps(*batch, size=16, seed=0):
    generator = torch.Generator().manual_seed(seed)
    landmarks = torch.rand(*batch, 2, generator=generator) * (size - 1)
    heatmaps = encode_gaussian(landmarks, (size, size), 2.0)
    return heatmaps + 0.05 * torch.randn(heatmaps.shape, generator=generator)


@needs_graphs
@pytest.mark.parametrize('name', BUILDERS)
def test_one_graph_serves_every_batch(name):
    codec = BUILDERS[name]((256, 256), (16, 16))
    torch.compiler.reset()
    compiled = torch.compile(codec.locate, fullgraph=True, dynamic=True, backend='eager')
    heatmaps = noisy_heatmaps(3, 7)
    heatmaps[0, 2:4] = torch.randn(2, 16, 16, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        for part in (heatmaps, heatmaps[:2, 1:6]):
            for found, expected in zip(compiled(part), codec.locate(part)):
                torch.testing.assert_close(found, expected, atol=2e-4, rtol=0)
        spoiled = heatmaps.clone()
        spoiled[1, 4, 9, 4] = torch.nan
        found, scores, _ = compiled(spoiled)
        expected, _, _ = codec.locate(spoiled)
    assert scores[1, 4] == 0
    torch.testing.assert_close(found, expected, atol=2e-4, rtol=0)


@pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a CUDA GPU')
@pytest.mark.parametrize('name', BUILDERS)
def test_a_cuda_graph_captures_the_decoder(name):
    codec = BUILDERS[name]((256, 256), (16, 16))
    heatmaps = noisy_heatmaps(3, 7).cuda()
    with torch.no_grad():
        stream = torch.cuda.Stream()
        with torch.cuda.stream(stream):  # warm up as PyTorch asks for
            codec.locate(heatmaps)
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            found, _, _ = codec.locate(heatmaps)
        heatmaps.copy_(noisy_heatmaps(3, 7, seed=1))
        graph.replay()
        expected, _, _ = codec.locate(heatmaps.cpu())
    torch.testing.assert_close(found.cpu(), expected, atol=2e-4, rtol=0)
