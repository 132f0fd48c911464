"""Recipes: what is trained, and what the ablations vary of it."""

from dataclasses import dataclass

BASE_PADDING = 1.25
"""Side of the crop in sides of the annotated box, MMPose's default and that of the base configs."""

SHRUNK_PADDING = 0.9
"""The paper's shrunk box. ytf68 annotates the square box round the landmarks, which for 300W is the
paper's crop (section 4.3), so that nine tenths of it are what tables 5 and 6 call shrunk: 17 % of
the landmarks of the validation faces lie outside, with the padding of 1.25 none."""


@dataclass(frozen=True)
class Recipe:
    """What a run trains.

    Args:
        label: Its name in tables.
        loss: Recipe of the study of POPoS that has the same loss.
        has_vectors: Whether the network puts out vectors, else heatmaps.
        rounded: Whether the labels of the vectors are the paper's, at whole cells.
        refine: How the codec of the vectors decodes.
    """

    label: str
    loss: str
    has_vectors: bool
    rounded: bool = True
    refine: str = 'quarter'


RECIPES = {
    'heatmap': Recipe('heatmap', 'mse', False),
    'paper': Recipe('Gaussian Vector', 'mse', True),
    'unrounded': Recipe('Gaussian Vector, labels not rounded', 'mse', True, False, 'exact'),
    'heatmap-norm': Recipe('heatmap, norm loss', 'norm', False),
    'unrounded-norm': Recipe(
        'Gaussian Vector, labels not rounded, norm loss', 'norm', True, False, 'exact'
    ),
}
"""The recipes in the order of the tables."""


@dataclass(frozen=True)
class Setting:
    """A recipe and what the ablations vary; the defaults are the paper's.

    Args:
        recipe: A key of `RECIPES`.
        bandwidths: Bandwidths of the band pooling, in equal parts; without effect on heatmaps.
        theta: What the peak of a label has beyond 1; without effect on heatmaps.
        padding: Side of the crop in sides of the annotated box, in training and test.
        count_outside: See `BandPooling`; without effect on heatmaps.
    """

    recipe: str
    bandwidths: tuple[int, ...] = (3, 5)
    theta: float = 3.0
    padding: float = BASE_PADDING
    count_outside: bool = True

    @property
    def has_vectors(self) -> bool:
        """See `Recipe`."""
        return RECIPES[self.recipe].has_vectors


HEATMAP, PAPER, UNROUNDED = (Setting(recipe) for recipe in ('heatmap', 'paper', 'unrounded'))

BANDWIDTHS = ((1,), (3,), (5,), (7,))
"""The diagonal of table 8."""

THETAS = (0.0, 1.0, 2.0, 4.0)
"""Table 7; 3 is the default."""

PARTS: dict[str, tuple[Setting, ...]] = {
    'main': (HEATMAP, PAPER, UNROUNDED),
    'bandwidth': tuple(Setting('paper', bandwidths=each) for each in BANDWIDTHS),
    'theta': tuple(Setting('paper', theta=each) for each in THETAS),
    'box': tuple(
        Setting(recipe, padding=SHRUNK_PADDING, count_outside=count_outside)
        for recipe, count_outside in (
            ('paper', True),
            ('paper', False),
            ('unrounded', True),
            ('unrounded', False),
            ('heatmap', True),
        )
    ),
    'norm': (Setting('heatmap-norm'), Setting('unrounded-norm')),
    'unrounded': (
        Setting('unrounded', theta=0.0),
        Setting('unrounded', bandwidths=(1,)),
        Setting('unrounded', bandwidths=(1,), theta=0.0),
    ),
}
"""Parts of the study and what they train beside the main part."""

DEFAULT_PARTS = ('main', 'bandwidth', 'theta', 'box')
