"""What heatmaps and vectors cost after the network: size of its output and time of decoding.

    python -m projects.gaussian_vector.cost --out projects/gaussian_vector/results/cost.json

Table 9 of the paper on this machine, without a network: the same faces as heatmaps and as the
vectors of band pooling. Decoders take turns, medians are compared. The way of the output to another
processor, the paper's transmission, is not timed: it does not exist on one CPU.
"""
