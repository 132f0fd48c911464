"""Heads."""

from .multilateration_head import MultilaterationHead

__all__ = ['MultilaterationHead']
