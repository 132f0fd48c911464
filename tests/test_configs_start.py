"""Every config starts training without pretrained weights, from the files of its data set."""

import copy
from pathlib import Path

import pytest
import torch
from mmengine import ConfigDict
from mmengine.dataset import Compose, pseudo_collate
from mmengine.optim import build_optim_wrapper
from mmpose.registry import DATASETS, MODELS, TRANSFORMS
from mmpose.utils import register_all_modules
from shipped_configs import CONFIGS, override, set_sizes

import mmpose_multilat  # noqa: F401
from mmpose_multilat.datasets.synthetic import SYNTHETIC_DATASETS, Request, write_data_sets

register_all_modules()


class Faces:
    """The training faces of the data sets; what configs have in common is read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: dict[str, dict] = {}

    def first(self, settings: ConfigDict) -> dict:
        """Return the first face of a data set, as the first step of its pipeline receives it."""
        data = {key: value for key, value in settings.items() if key != 'pipeline'}
        key = repr(data)
        if key not in self.known:
            data['data_root'] = str(self.folder / data['data_root'])
            self.known[key] = DATASETS.build(dict(data, pipeline=[]))[0]
        return copy.deepcopy(self.known[key])


@pytest.fixture(scope='module')
def faces(tmp_path_factory) -> Faces:
    """Two faces of each data set to train, one of which may be the reference of the other."""
    folder = tmp_path_factory.mktemp('project')
    write_data_sets(
        list(SYNTHETIC_DATASETS), str(folder / 'data'), Request(train=2, test=1, size=64)
    )
    return Faces(folder)


@pytest.fixture(scope='module', autouse=True)
def one_thread():
    """A batch of one face is too little for several threads, which would wait for one another."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_number_of_configs():
    assert len(CONFIGS) == 143


@pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
def test_first_step_of_training_without_pretrained_weights(path, faces, monkeypatch):
    """With the option in configs/README.md; half of the crop where that leaves enough cells."""
    config = override(path, 'model.backbone.init_cfg=None')
    (side, _), (cells, _) = config.codec.input_size, config.codec.heatmap_size
    if cells > 16:
        for part in (config.model, config.train_dataloader):
            set_sizes(part, (side // 2,) * 2, (cells // 2,) * 2)
    settings = config.train_dataloader.dataset
    pipeline = Compose([TRANSFORMS.build(step) for step in settings.pipeline])
    batch = pseudo_collate([pipeline(faces.first(settings))])
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    monkeypatch.setattr(model, '_dump_init_info', lambda: None)  # lines for every parameter
    model.init_weights()
    parts = [next(part.parameters()) for part in (model.backbone, model.head)]
    before = [part.detach().clone() for part in parts]
    losses = model.train_step(batch, build_optim_wrapper(model, config.optim_wrapper))
    assert losses['loss'].isfinite() and losses['loss'] > 0
    for old, new in zip(before, parts):
        assert new.isfinite().all()
        assert not torch.equal(old, new)
