"""Checkpoints of a real MMEngine runner load under torch's protection, an attacker's do not."""

from __future__ import annotations

import itertools
import os
import pickle
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.evaluator import BaseMetric, Evaluator
from mmengine.logging import HistoryBuffer
from mmengine.model import BaseModel
from mmengine.runner import Runner, load_checkpoint
from torch.utils.data import Dataset

from mmpose_multilat.checkpoint import CheckpointArray, allow_mmengine_checkpoints

needs_protection = pytest.mark.skipif(
    not hasattr(torch.serialization, 'get_unsafe_globals_in_checkpoint'),
    reason='torch < 2.6 loads every file without protection',
)

# -------------------------------------------------------------------------------------------------
# A real runner


class TinyModel(BaseModel):
    def __init__(self) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(2, 1)

    def forward(self, inputs: torch.Tensor, mode: str = 'tensor') -> dict | list:
        outputs = self.linear(inputs)
        return {'loss': outputs.square().mean()} if mode == 'loss' else [outputs]


class TinyDataset(Dataset):
    metainfo = {
        'sigmas': np.linspace(0.1, 0.3, 3, dtype=np.float32),
        'keypoint_colors': np.arange(9, dtype=np.uint8).reshape(3, 3),
        'skeleton_link_colors': np.array([], dtype=np.uint8),
        'names': ('left', 'right'),
    }

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> dict:
        return {'inputs': torch.full((2,), float(index + 1))}


class TinyMetric(BaseMetric):
    def process(self, data_batch: object, data_samples: object) -> None:
        self.results.append(1)

    def compute_metrics(self, results: list) -> dict:
        return {'NME': np.float64(0.25), 'NME_float32': np.float32(0.5), 'per_face': np.arange(3)}


_experiments = itertools.count()


def build_runner(work_dir: Path, resumed_from: Path | None = None) -> Runner:
    """Return a runner for one epoch whose checkpoints hold everything that MMEngine stores."""
    loader = {
        'batch_size': 2,
        'dataset': TinyDataset(),
        'sampler': {'type': 'DefaultSampler', 'shuffle': False},
        'collate_fn': {'type': 'default_collate'},
    }
    return Runner(
        model=TinyModel(),
        work_dir=str(work_dir),
        train_dataloader=dict(loader),
        val_dataloader=dict(loader),
        val_evaluator=Evaluator([TinyMetric()]),
        val_cfg={},
        train_cfg={'by_epoch': True, 'max_epochs': 1},
        optim_wrapper={'optimizer': {'type': 'Adam', 'lr': 1e-2}},
        param_scheduler=[
            {'type': 'LinearLR', 'start_factor': 0.1, 'by_epoch': False, 'end': 2},
            {'type': 'MultiStepLR', 'milestones': [1, 2]},
            {'type': 'CosineAnnealingLR', 'T_max': 3},
            {'type': 'OneCycleLR', 'eta_max': 0.1, 'total_steps': 5},
            {'type': 'ReduceOnPlateauLR', 'monitor': 'NME'},
        ],
        default_hooks={
            'checkpoint': {
                'type': 'CheckpointHook',
                'interval': 1,
                'save_best': 'NME',
                'rule': 'less',
            }
        },
        custom_hooks=[{'type': 'EMAHook'}],
        load_from=str(resumed_from) if resumed_from else None,
        resume=resumed_from is not None,
        experiment_name=f'checkpoint_test_{next(_experiments)}',
        log_level='ERROR',
        randomness={'seed': 0},
    )


@pytest.fixture(scope='module')
def checkpoint_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    work_dir = tmp_path_factory.mktemp('work_dir')
    runner = build_runner(work_dir)
    runner.message_hub.update_info('learnt', np.bool_(True))
    runner.train()
    # CheckpointHook writes before validation; now there are metrics and a best score as well.
    runner.save_checkpoint(
        str(work_dir), 'final.pth', meta={'epoch': runner.epoch, 'iter': runner.iter}
    )
    return work_dir / 'final.pth'


@pytest.fixture(autouse=True)
def allow_list() -> Iterator[None]:
    """Allow MMEngine's checkpoints, and restore torch's list afterwards."""
    if not hasattr(torch.serialization, 'get_safe_globals'):
        yield
        return
    before = torch.serialization.get_safe_globals()
    allow_mmengine_checkpoints()
    yield
    torch.serialization.clear_safe_globals()
    torch.serialization.add_safe_globals(before)


def assert_equal(actual: object, expected: object) -> None:
    """Compare nested containers of tensors, arrays, curves and plain values."""
    if isinstance(expected, dict):
        assert list(actual) == list(expected)
        for key in expected:
            assert_equal(actual[key], expected[key])
    elif isinstance(expected, (list, tuple)):
        assert type(actual) is type(expected) and len(actual) == len(expected)
        for actual_item, expected_item in zip(actual, expected):
            assert_equal(actual_item, expected_item)
    elif isinstance(expected, HistoryBuffer):
        assert type(actual) is HistoryBuffer
        assert_equal(vars(actual), vars(expected))
    elif isinstance(expected, (np.ndarray, torch.Tensor)):
        assert actual.dtype == expected.dtype and actual.shape == expected.shape
        assert bool((actual == expected).all())
    else:
        assert type(actual) is type(expected) and actual == expected


def test_file_of_a_runner_loads_as_without_protection(checkpoint_path: Path) -> None:
    assert_equal(torch.load(checkpoint_path), torch.load(checkpoint_path, weights_only=False))


@needs_protection
def test_file_of_a_runner_is_refused_without_the_stand_ins(checkpoint_path: Path) -> None:
    torch.serialization.clear_safe_globals()
    with pytest.raises(pickle.UnpicklingError, match='Weights only load failed'):
        torch.load(checkpoint_path)


@needs_protection
def test_every_name_in_the_file_has_a_stand_in(checkpoint_path: Path) -> None:
    names = torch.serialization.get_unsafe_globals_in_checkpoint
    assert names(checkpoint_path) == []
    torch.serialization.clear_safe_globals()
    core = 'numpy._core' if np.lib.NumpyVersion(np.__version__) >= '2.0.0' else 'numpy.core'
    assert set(names(checkpoint_path)) == {
        'builtins.bytes',
        'builtins.getattr',
        'mmengine.logging.history_buffer.HistoryBuffer',
        'mmengine.optim.scheduler.param_scheduler.OneCycleParamScheduler',
        'numpy.dtype',
        'numpy.ndarray',
        f'{core}.multiarray._reconstruct',
        f'{core}.multiarray.scalar',
    }


def test_mmengine_loads_the_weights(checkpoint_path: Path) -> None:
    model = TinyModel()
    load_checkpoint(model, str(checkpoint_path), map_location='cpu')
    expected = torch.load(checkpoint_path, weights_only=False)['state_dict']
    assert_equal(dict(model.state_dict()), dict(expected))


def test_runner_resumes(checkpoint_path: Path, tmp_path: Path) -> None:
    expected = torch.load(checkpoint_path, weights_only=False)
    runner = build_runner(tmp_path, resumed_from=checkpoint_path)
    runner.train()  # The only epoch is behind it: everything stays as it was in the file.
    assert_equal(runner.optim_wrapper.state_dict(), expected['optimizer'])
    assert_equal(dict(runner.message_hub.log_scalars), dict(expected['message_hub']['log_scalars']))
    assert [scheduler.state_dict() for scheduler in runner.param_schedulers] == expected[
        'param_schedulers'
    ]
    curve = runner.message_hub.get_scalar('train/loss')
    curve.update(3.0)
    assert curve.statistics('current') == curve.statistics('max', 1) == 3.0


@needs_protection
@pytest.mark.parametrize('package', ['numpy.core', 'numpy._core'])
def test_files_of_numpy_1_and_2_load(checkpoint_path: Path, tmp_path: Path, package: str) -> None:
    with zipfile.ZipFile(checkpoint_path) as archive:
        records = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(tmp_path / 'renamed.pth', 'w') as archive:
        for name, record in records.items():
            if name.endswith('data.pkl'):
                record = record.replace(b'cnumpy._core.', b'cnumpy.core.')
                record = record.replace(b'cnumpy.core.', f'c{package}.'.encode())
                assert f'c{package}.multiarray\n'.encode() in record
            archive.writestr(name, record)
    assert_equal(
        torch.load(tmp_path / 'renamed.pth'), torch.load(checkpoint_path, weights_only=False)
    )


def test_arrays_are_written_as_ordinary_arrays(checkpoint_path: Path, tmp_path: Path) -> None:
    meta = torch.load(checkpoint_path)['meta']['dataset_meta']
    assert pickle.dumps(meta) == pickle.dumps(TinyDataset.metainfo)
    torch.save(torch.load(checkpoint_path), tmp_path / 'again.pth')
    assert_equal(
        torch.load(tmp_path / 'again.pth'), torch.load(checkpoint_path, weights_only=False)
    )


# -------------------------------------------------------------------------------------------------
# Which torch needs it


@needs_protection
def test_allowing_twice_changes_nothing() -> None:
    allowed = set(torch.serialization.get_safe_globals())
    assert allow_mmengine_checkpoints()
    assert set(torch.serialization.get_safe_globals()) == allowed


@pytest.mark.skipif(
    not hasattr(torch.serialization, 'add_safe_globals'), reason='this torch is an older one'
)
@pytest.mark.parametrize('missing', ['add_safe_globals', 'get_unsafe_globals_in_checkpoint'])
def test_older_torch_is_left_alone(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    before = set(torch.serialization.get_safe_globals())
    torch.serialization.clear_safe_globals()
    monkeypatch.delattr(torch.serialization, missing)
    assert not allow_mmengine_checkpoints()
    assert torch.serialization.get_safe_globals() == []
    monkeypatch.undo()
    torch.serialization.add_safe_globals(list(before))


# -------------------------------------------------------------------------------------------------
# An attacker, who writes the pickle's instructions by hand


def name(module: str, attribute: str) -> bytes:
    return f'c{module}\n{attribute}\n'.encode()


def text(value: str) -> bytes:
    return b'X' + struct.pack('<I', len(value.encode())) + value.encode()


def integer(value: int) -> bytes:
    return b'J' + struct.pack('<i', value)


def group(*items: bytes) -> bytes:
    return b'(' + b''.join(items) + b't'


def mapping(**items: bytes) -> bytes:
    return b'}(' + b''.join(text(key) + value for key, value in items.items()) + b'u'


def call(function: bytes, *arguments: bytes) -> bytes:
    return function + group(*arguments) + b'R'


def create(cls: bytes, *arguments: bytes) -> bytes:
    return cls + group(*arguments) + b'\x81'


def build(instance: bytes, state: bytes) -> bytes:
    return instance + state + b'b'


def attribute(owner: bytes, attribute_name: str) -> bytes:
    return call(GETATTR, owner, text(attribute_name))


def raw(data: str) -> bytes:
    return call(name('_codecs', 'encode'), text(data), text('latin1'))


NONE, FALSE = b'N', b'\x89'
GETATTR = name('builtins', 'getattr')
HISTORY = name('mmengine.logging.history_buffer', 'HistoryBuffer')
ONE_CYCLE = name('mmengine.optim.scheduler.param_scheduler', 'OneCycleParamScheduler')
NDARRAY, DTYPE = name('numpy', 'ndarray'), name('numpy', 'dtype')
SCALAR, RECONSTRUCT = (
    name('numpy.core.multiarray', 'scalar'),
    name('numpy.core.multiarray', '_reconstruct'),
)
CALL_ANYTHING = name('torch._tensor', '_rebuild_from_type_v2')
ORDERED_DICT = call(name('collections', 'OrderedDict'))
EMPTY_ARRAY = call(RECONSTRUCT, NDARRAY, group(integer(0)), raw('b'))
BYTE_TYPE = call(DTYPE, text('u1'), FALSE, FALSE)
FORGED_ARRAY = build(
    ORDERED_DICT,
    mapping(
        __array_interface__=mapping(
            data=raw('A' * 8), typestr=text('|O8'), shape=group(integer(1)), version=integer(3)
        )
    ),
)


def array(data: str = '\x01\x02', dtype: bytes = BYTE_TYPE, size: int = 2) -> bytes:
    return build(EMPTY_ARRAY, group(integer(1), group(integer(size)), dtype, FALSE, raw(data)))


def history(**changes: bytes) -> bytes:
    state = {
        'max_length': integer(10),
        '_log_history': array(),
        '_count_history': array(),
        **changes,
    }
    return build(create(HISTORY), mapping(**state))


def write(path: Path, instructions: bytes) -> Path:
    """Write a checkpoint file whose pickle consists of ``instructions``."""
    with zipfile.ZipFile(path, 'w') as archive:
        archive.writestr('archive/data.pkl', b'\x80\x02' + instructions + b'.')
        archive.writestr('archive/byteorder', 'little')
        archive.writestr('archive/version', '3\n')
    return path


def chain_to_eval(expression: str) -> bytes:
    """Walk from ``HistoryBuffer`` to ``eval`` with getattr and torch's own rebuild function."""
    dictionary_type = attribute(mapping(), '__class__')
    builtin_type = attribute(attribute(mapping(), 'get'), '__class__')
    global_names = attribute(attribute(HISTORY, '__init__'), '__globals__')
    builtins = call(
        CALL_ANYTHING,
        attribute(global_names, 'get'),
        dictionary_type,
        group(text('__builtins__')),
        NONE,
    )
    evaluate = call(
        CALL_ANYTHING, attribute(builtins, 'get'), builtin_type, group(text('eval')), NONE
    )
    return call(CALL_ANYTHING, evaluate, builtin_type, group(text(expression)), NONE)


def touch(sentinel: Path) -> str:
    return f'open({str(sentinel)!r}, "w").close()'


FORBIDDEN_CODE = {
    'os.system': lambda sentinel: call(name('os', 'system'), text(f'touch {sentinel}')),
    'posix.system': lambda sentinel: call(name('posix', 'system'), text(f'touch {sentinel}')),
    'builtins.eval': lambda sentinel: call(name('builtins', 'eval'), text(touch(sentinel))),
    'builtins.exec': lambda sentinel: call(name('builtins', 'exec'), text(touch(sentinel))),
    'getattr of os': lambda sentinel: call(
        attribute(name('os', 'path'), 'system'), text(f'touch {sentinel}')
    ),
    'getattr to eval': lambda sentinel: chain_to_eval(touch(sentinel)),
}


@needs_protection
@pytest.mark.parametrize('attack', FORBIDDEN_CODE)
def test_code_in_a_file_is_not_run(attack: str, tmp_path: Path) -> None:
    sentinel = tmp_path / 'sentinel'
    path = write(tmp_path / 'attack.pth', FORBIDDEN_CODE[attack](sentinel))
    with pytest.raises(pickle.UnpicklingError):
        torch.load(path)
    assert not sentinel.exists()


@needs_protection
def test_the_chain_to_eval_works_where_the_real_getattr_is_allowed(tmp_path: Path) -> None:
    """Without this control the test above could pass because the attack is badly written."""
    torch.serialization.clear_safe_globals()
    torch.serialization.add_safe_globals([(getattr, 'builtins.getattr'), HistoryBuffer])
    sentinel = tmp_path / 'sentinel'
    path = write(tmp_path / 'attack.pth', chain_to_eval(touch(sentinel)))
    with pytest.raises(AttributeError, match='as_subclass'):
        torch.load(path)
    assert sentinel.exists()


@needs_protection
def test_pickled_object_that_calls_the_system_is_refused(tmp_path: Path) -> None:
    class Attack:
        def __reduce__(self) -> tuple:
            return os.system, (f'touch {tmp_path / "sentinel"}',)

    torch.save({'state_dict': Attack()}, tmp_path / 'attack.pth')
    with pytest.raises(pickle.UnpicklingError):
        torch.load(tmp_path / 'attack.pth')
    assert not (tmp_path / 'sentinel').exists()


REFUSED = {
    **{
        f'getattr HistoryBuffer {method}': attribute(HISTORY, method)
        for method in (
            '__init__',
            '__globals__',
            '__class__',
            '__dict__',
            '__setstate__',
            'update',
            '_annealing_cos',
        )
    },
    'getattr nested': attribute(attribute(HISTORY, 'mean'), '__globals__'),
    'getattr of itself': attribute(GETATTR, '__globals__'),
    'getattr of a torch function': attribute(
        name('torch._utils', '_rebuild_tensor_v2'), '__globals__'
    ),
    'getattr of a curve': attribute(history(), 'mean'),
    'getattr of an array': attribute(array(), 'tofile'),
    'getattr of the array class': attribute(NDARRAY, 'tofile'),
    'getattr scheduler': attribute(ONE_CYCLE, '__init__'),
    'getattr without text': call(GETATTR, HISTORY, raw('mean')),
    'history of a forged array': history(_log_history=FORGED_ARRAY),
    'history of a list': history(_log_history=b']'),
    'history with another field': history(mean=name('torch', 'Size')),
    'history with a text as length': history(max_length=text('10')),
    'history without length': build(
        create(HISTORY), mapping(_log_history=array(), _count_history=array())
    ),
    'history with the state of a list': build(create(HISTORY), b']'),
    'history built twice': build(history(), mapping(max_length=integer(1))),
    'array of objects': array(dtype=call(DTYPE, text('O'), FALSE, FALSE)),
    'array of records': array(dtype=call(DTYPE, text('V8'), FALSE, FALSE)),
    'array of text': array(dtype=call(DTYPE, text('U1'), FALSE, FALSE)),
    'array type as text': array(dtype=text('u1')),
    'array type with forged fields': build(
        BYTE_TYPE,
        group(
            integer(3),
            text('|'),
            NONE,
            group(text('a')),
            mapping(a=group(BYTE_TYPE, integer(0))),
            integer(8),
            integer(1),
            integer(0),
        ),
    ),
    'array type as list of fields': array(
        dtype=call(DTYPE, b']' + group(text('a'), text('O')) + b'a')
    ),
    'array with a short state': build(EMPTY_ARRAY, group(integer(1), group(integer(0)))),
    'array longer than its bytes': array(size=3),
    'array of negative size': array(size=-2),
    'array filled twice': build(
        array(), group(integer(1), group(integer(1)), BYTE_TYPE, FALSE, raw('\x01'))
    ),
    'array filled from a list': build(
        EMPTY_ARRAY, group(integer(1), group(integer(0)), BYTE_TYPE, FALSE, b']')
    ),
    'array of another class': call(RECONSTRUCT, HISTORY, group(integer(0)), raw('b')),
    'scalar of objects': call(SCALAR, call(DTYPE, text('O'), FALSE, FALSE), raw('A' * 8)),
    'scalar of the wrong size': call(SCALAR, BYTE_TYPE, raw('AB')),
    'scalar of a forged type': call(SCALAR, FORGED_ARRAY, raw('A')),
}

# Arguments that the stand-ins do not have
REFUSED_ARGUMENTS = {
    'history called with a forged array': call(HISTORY, FORGED_ARRAY, b']'),
    'history created with arguments': create(HISTORY, FORGED_ARRAY, b']'),
    'array type made without its code': array(dtype=create(DTYPE)),
    'array called with a buffer': call(NDARRAY, group(integer(1)), text('O'), raw('A' * 8)),
    'array created with a buffer': create(NDARRAY, group(integer(1)), text('O'), raw('A' * 8)),
    'bytes of a chosen length': call(name('builtins', 'bytes'), integer(10)),
}


@needs_protection
@pytest.mark.parametrize('attack', REFUSED)
def test_forged_objects_are_refused(attack: str, tmp_path: Path) -> None:
    with pytest.raises(pickle.UnpicklingError, match='Weights only load failed'):
        torch.load(write(tmp_path / 'attack.pth', REFUSED[attack]))


@needs_protection
@pytest.mark.parametrize('attack', REFUSED_ARGUMENTS)
def test_forged_arguments_are_refused(attack: str, tmp_path: Path) -> None:
    with pytest.raises((TypeError, AttributeError)):
        torch.load(write(tmp_path / 'attack.pth', REFUSED_ARGUMENTS[attack]))


@needs_protection
def test_hand_written_objects_load_when_they_are_honest(tmp_path: Path) -> None:
    """The attacks above differ from these files in one place each, which is what is refused."""
    curve = torch.load(
        write(
            tmp_path / 'curve.pth',
            history(statistics_methods=mapping(min=attribute(HISTORY, 'min'))),
        )
    )
    assert type(curve) is HistoryBuffer and curve.max() == 2 and curve.max_length == 10
    length = call(SCALAR, BYTE_TYPE, raw('\x07'))
    curve = torch.load(write(tmp_path / 'length.pth', history(max_length=length)))
    assert curve.max_length == 7 and type(curve.max_length) is int
    numbers = torch.load(write(tmp_path / 'array.pth', array()))
    assert type(numbers) is CheckpointArray and numbers.tolist() == [1, 2]
    assert torch.load(write(tmp_path / 'number.pth', call(SCALAR, BYTE_TYPE, raw('\x07')))) == 7
    assert torch.load(write(tmp_path / 'bytes.pth', call(name('builtins', 'bytes')))) == b''
    big_endian = build(
        call(DTYPE, text('u2'), FALSE, FALSE),
        group(integer(3), text('>'), NONE, NONE, NONE, integer(-1), integer(-1), integer(0)),
    )
    assert torch.load(write(tmp_path / 'big.pth', array('\x01\x02', big_endian, 1))).tolist() == [
        0x0102
    ]


@needs_protection
def test_a_file_cannot_change_the_statistics_of_other_curves(tmp_path: Path) -> None:
    HistoryBuffer()
    before = dict(HistoryBuffer._statistics_methods)
    forged = history(
        statistics_methods=mapping(mean=name('torch', 'Size'), other=name('torch', 'Size'))
    )
    curve = torch.load(write(tmp_path / 'attack.pth', forged))
    assert before == HistoryBuffer._statistics_methods
    assert curve.statistics('mean') == 1.0
