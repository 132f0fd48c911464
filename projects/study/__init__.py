"""The machine of the studies: trainings on ytf68 with equal budgets, decoded and compared.

A study says which runs there are and what its tables and plots show, see `definition.Definition`;
the rest is done here. `run` says what a run is, `run_config` what it trains, `decode` measures what
came out; `attempt` trains and decodes one run in processes of its own, `schedule` goes through all
of them; `records` keeps what was measured in tables, see `csv_files`, `results` says what of it
counts, and `command` holds all this together. `options` has the command line, `main` its end, and
`summary`, `tables`, `panels` and `conditions` what reports share.
"""
