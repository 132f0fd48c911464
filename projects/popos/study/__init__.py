"""What each loss brings: training runs on ytf68 with equal budgets, decoded by every decoder.

From the repository root:

    python -m projects.popos.study --data data/ytf68 --epochs 12

`plan` says which runs there are and `recipes` what each of them trains; `decode` measures what came
out, `report` makes tables and plots of it, and `definition` hands all this to the machine in
`projects.study`.
"""
