"""The networks of the study: names, what they cost, and what the pages tell of them."""

import pytest
from mmengine.config import Config

from projects.frontier.networks import ALTERNATIVES, BUDGETS, MAIN, NETWORKS, Network
from projects.frontier.references import _fast_hrnet, complexity_by_name
from projects.study.run_config import ROOT

LARGEST_SHARE, SMALLEST_SHARE = 1.01, 0.6
"""Of a budget: 0.302 GFLOPs are 0.30 for everybody, and half of a budget is another one's."""


def test_names_tell_networks_apart():
    assert Network(0.07, 96, 4).name == 'px96_hm24_w1'
    assert Network(0.30, 256, 16, 0.75, 32).name == 'px256_hm16_w0.75_d32'
    assert len(NETWORKS) == len(MAIN) + len(ALTERNATIVES)
    assert all(name == network.name for name, network in NETWORKS.items())


def test_every_budget_has_one_main_network_and_others():
    assert [network.budget for network in MAIN.values()] == list(BUDGETS)
    for budget in BUDGETS:
        assert sum(network.budget == budget for network in ALTERNATIVES.values()) >= 2


@pytest.mark.parametrize('name', NETWORKS)
def test_networks_keep_their_budget(name):
    gflops, budget = complexity_by_name(name).gflops, NETWORKS[name].budget
    assert SMALLEST_SHARE * budget < gflops <= LARGEST_SHARE * budget


def test_main_networks_share_their_weights():
    (parameters,) = {complexity_by_name(name).parameters_million for name in MAIN}
    assert parameters == pytest.approx(0.576, abs=0.001)


def test_main_networks_are_those_of_the_shipped_models():
    for network in MAIN.values():
        file = f'mobilenetv2_{network.pixels}px-hm{network.size}.py'
        config = Config.fromfile(ROOT / 'configs' / '_base_' / 'models' / file)
        assert config.heatmap == dict(
            input_size=(network.pixels,) * 2, heatmap_size=(network.size,) * 2
        )
        backbone = config.model.backbone
        assert (backbone.stride, backbone.widen_factor) == (network.stride, network.widen_factor)
        assert backbone.deepest == network.deepest
        assert config.model.head.in_channels == network.channels
        assert config.crop.input_size == config.heatmap.input_size


def test_operations_of_the_reference_are_those_that_other_pages_tell():
    found = _fast_hrnet(4)
    assert found.gflops == pytest.approx(0.026, abs=0.001)
    assert found.parameters_million == pytest.approx(0.65, abs=0.01)
