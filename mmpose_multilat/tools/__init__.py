"""Command-line tools, started as ``python -m mmpose_multilat.tools.NAME``.

From an ordinary (not editable) installation ``mim run mmpose_multilat NAME`` does the same.
"""
