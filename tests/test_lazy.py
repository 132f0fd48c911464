import sys
from types import ModuleType

import pytest

from mmpose_multilat import deploy, landmarks, visualization
from mmpose_multilat.lazy import lazy_names


@pytest.mark.parametrize('package', [deploy, landmarks, visualization])
def test_every_offered_name_is_there(package):
    for name in package.__all__:
        assert getattr(package, name) is not None
        assert name in vars(package)
    with pytest.raises(AttributeError, match=f"'{package.__name__}' has no attribute 'nonsense'"):
        package.nonsense  # noqa: B018


def test_a_module_is_imported_for_its_names_alone(monkeypatch):
    package, module = ModuleType('package'), ModuleType('package.module')
    module.name = object()
    monkeypatch.setitem(sys.modules, 'package', package)
    monkeypatch.setitem(sys.modules, 'package.module', module)
    package.__getattr__ = lazy_names('package', module=['name'], missing=['other'])
    assert package.name is module.name is vars(package)['name']
    with pytest.raises(ModuleNotFoundError):
        package.other  # noqa: B018
