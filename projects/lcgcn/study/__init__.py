"""What a graph over the landmarks brings, beside as many further epochs without one.

From the repository root, first the heatmap networks, then the study:

    python -m projects.multilat.low_resolution --data data/ytf68 --sigmas 1 --keep --name again
    mv work_dirs/low_resolution/again work_dirs/low_resolution/ytf68_12e
    python -m projects.lcgcn.study --data data/ytf68

`plan` says which runs there are and `methods` what each of them trains; `measure` tests what came
out on faces with and without occluders, `report` makes tables of it, and `definition` hands all
this to the machine in `projects.study`.
"""
