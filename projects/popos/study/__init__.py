"""What each loss brings: training runs on ytf68 with equal budgets, decoded by every decoder.

From the repository root:

    python -m projects.popos.study --data data/ytf68 --epochs 12

`plan` says which runs there are and `run_config` what each of them trains; `attempt` trains and
decodes one in processes of its own, `schedule` goes through all of them; `results` keeps what was
measured, `report` makes tables and plots of it, and `command` holds all this together.
"""
