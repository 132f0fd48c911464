"""The names of subsets are those of the catalogue, or no face would get into their files."""

from mmpose_multilat.datasets.synthetic import SYNTHETIC_DATASETS, generate
from mmpose_multilat.datasets.synthetic.subsets import subsets_of


def test_every_subset_of_the_catalogue_gets_faces():
    listed = {file.subset for each in SYNTHETIC_DATASETS.values() for file in each.files}
    found = [subsets_of(generate(0, index, 'test', 64)) for index in range(24)]
    # All test faces stand for the private ones.
    assert frozenset().union(*found) == listed - {None, 'private'}
    assert all(len(names & {'common', 'challenging'}) == 1 for names in found)
