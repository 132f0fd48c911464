"""Heads."""

from .gaussian_vector_head import GaussianVectorHead
from .multilateration_head import MultilaterationHead

__all__ = ['GaussianVectorHead', 'MultilaterationHead']
