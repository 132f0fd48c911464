"""Methods: what is trained from the checkpoint of a heatmap network on."""

from typing import Any

HEATMAP = 'heatmap'
"""The control: the heatmap network itself, for as many further epochs."""

FROZEN = ('backbone', 'neck', 'head.base_head')

SCORE, COVARIANCE = dict(confidence='score'), dict(confidence='covariance')

GRAPHS: dict[str, dict[str, Any]] = {
    'learned': dict(edges='learned'),
    'score': SCORE,
    'covariance': COVARIANCE,
    'score_coordinates': dict(SCORE, predict='coordinates'),
    'learned_frozen': dict(edges='learned', frozen=True),
    'score_frozen': dict(SCORE, frozen=True),
    'covariance_frozen': dict(COVARIANCE, frozen=True),
    'one_hot_frozen': dict(SCORE, frozen=True, base_head=dict(decoder=dict(type='OneHot'))),
}
"""Settings of `GraphRefinementHead`, and whether the heatmap network stays as it is."""

LABELS = {
    HEATMAP: 'heatmap network, further epochs',
    'learned': 'graph, learned edges (Li et al.)',
    'score': "graph, edges by score (the paper's)",
    'covariance': 'graph, edges by covariance',
    'score_coordinates': 'graph, edges by score, coordinates in place of offsets',
    'learned_frozen': 'frozen network, learned edges',
    'score_frozen': "frozen network, edges by score (the paper's table 3)",
    'covariance_frozen': 'frozen network, edges by covariance',
    'one_hot_frozen': 'frozen network, edges by score, from the strongest cells',
}


def model_changes(method: str) -> dict[str, Any]:
    """Changes of `model` that make a config train a method."""
    if method == HEATMAP:
        return {}
    settings = dict(GRAPHS[method])
    frozen = settings.pop('frozen', False)
    return dict(head=settings, **(dict(frozen=FROZEN) if frozen else {}))
