"""Error per operation: small networks for 0.03 to 0.30 GFLOPs, trained on ytf68.

From the repository root:

    python -m projects.frontier --data data/ytf68 --workers 2

`networks` says which networks there are and what they cost, `recipes` what a training may change,
`changes` turns both into settings of a config, `run` into a run, and `plan` puts runs in order;
`decode` measures a trained network; `selection`, `references`, `tables`, `plot` and `report` make
the page, and `definition` hands all this to the machine in `projects.study`.
"""
