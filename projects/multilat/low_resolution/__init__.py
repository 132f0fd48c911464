"""What alignment and sigma of the heatmaps bring at low resolution: trainings on ytf68.

From the repository root:

    python -m projects.multilat.low_resolution --data data/ytf68 --epochs 12 --workers 2

`plan` says which runs there are and `codec` what each of them changes; `take` copies results of
identical trainings from another study; `selection`, `exactness`, `tables` and `report` make the
page, and `definition` hands all this to the machine in `projects.study`.
"""
