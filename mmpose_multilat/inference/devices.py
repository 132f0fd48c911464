"""Where PyTorch computes."""

from typing import Optional

import torch

from mmpose_multilat.errors import UserError


def choose_device(name: Optional[str]) -> str:
    """Check a device; None and '' choose a GPU if there is one.

    A GPU is the present one of PyTorch afterwards, for which timers wait.

    Args:
        name: 'cpu', 'cuda', 'cuda:0' ...

    Returns:
        A name that PyTorch takes.

    Raises:
        UserError: If PyTorch does not know it or the machine does not have it.
    """
    if not name:
        return 'cuda:0' if torch.cuda.is_available() else 'cpu'
    try:
        # Some devices hold tensors that they neither compute with nor give back.
        tried = torch.empty(1, device=name).add(1)
        tried.cpu()
    except (RuntimeError, AssertionError, ImportError) as error:  # unknown names, missing devices
        # PyTorch goes on with pages about its backends.
        first = (str(error).splitlines() or [''])[0].split('. ')[0]
        raise UserError(f"`device` {name}: {first}; use 'cpu' or 'cuda:0'") from error
    if tried.is_cuda:
        torch.cuda.set_device(tried.device)
    return name
