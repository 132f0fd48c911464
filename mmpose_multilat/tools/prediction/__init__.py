"""Prediction on people's own pictures and videos, in the order in which things happen.

`inputs` (what to read) -> `frames` (pictures) -> `boxes` (where the faces are) -> `crops` and
`batches` (the network) -> `smoothing` (videos) -> `lines` and `drawings` (files).
"""
