"""Heatmaps or vectors: trainings on ytf68 with equal budgets, decoded in many ways.

From the repository root:

    python -m projects.gaussian_vector.study --data data/ytf68 --epochs 12 --workers 2

`plan` says which runs there are, `recipes` and `changes` what each of them trains; `take` copies
results of identical trainings from the study of POPoS; `decode` measures what came out, with the
pass of the network in `looks`; `selection`, `tables`, `box`, `plots` and `report` make the page,
beside numbers of the paper in `published`; `definition` hands all this to the machine in
`projects.study`.
"""
