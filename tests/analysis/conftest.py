import pytest


@pytest.fixture(autouse=True)
def quick(one_thread):
    """Tests of tiny networks take one thread."""
