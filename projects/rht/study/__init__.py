"""What each part of the Reference Heatmap Transformer brings, and the reference itself, on ytf68.

From the repository root, first the index of the most correlated faces, then the trainings:

    python -m mmpose_multilat.tools.index_references \
        projects/rht/configs/rht-s_hrnetv2-w18_1xb32-30e_ytf68-256x256-hm16_correlated.py
    python -m projects.rht.study --data data/ytf68 --epochs 12

`plan` says which runs there are, `decode` measures each with several references, with and without
occluders, `tables` and `report` make the page, and `definition` hands all this to the machine in
`projects.study`.
"""
