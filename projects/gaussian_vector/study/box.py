"""Tables of shrunk boxes: with and without the beyond-box rule. NME in %."""

from collections.abc import Sequence
from statistics import mean

from projects.study.results import Result
from projects.study.tables import NOT_MEASURED, cell, format_value, markdown

from . import published
from .decode import HEATMAP_TAU, TAUS
from .recipes import BASE_PADDING, PARTS, RECIPES, SHRUNK_PADDING, Setting
from .selection import box_facts, decoded, summary_of
from .tables import HEATMAP_DECODERS, NONE, PUBLISHED, VECTOR_DECODERS, percent

DECODERS = dict(
    paper=('quarter', 'exact'),
    unrounded=('quarter', 'exact'),
    heatmap=('two-hot', 'KeyPosS', 'GaussianMLE'),
)

INSIDE = ', bands end at the border'
"""Marks trainings without `count_outside`."""

TEXT = """\
The test faces are cropped to {shrunk:g} of the annotated box, the square box round the landmarks;
{outside} of the landmarks lie outside the image then. Trained with {shrunk:g} means that the
network has seen such crops while training, trained with {base:g} that only the test faces were
shrunk. Without the rule a landmark is found at the outermost cells at best, unless the decoder
extrapolates, as KeyPosS does. Tau is the height that the rule assumes of the bump: 4 is the
label's, and 1 that of heatmaps. The rule acts where the maximum of a vector stands at its end,
which zeros that a band counts outside the heatmap (the paper's way) work against; bands that end at
the border do without."""


def box_text(results: Sequence[Result]) -> str:
    """What shrunk boxes are, with the fraction of the landmarks that they cut off."""
    found = [box['outside'] for box in box_facts(results, SHRUNK_PADDING)]
    outside = f'{100 * mean(found):.1f} %' if found else f'an unknown part ({NOT_MEASURED})'
    return TEXT.format(shrunk=SHRUNK_PADDING, base=BASE_PADDING, outside=outside)


def box_table(results: Sequence[Result], size: int, outside: bool) -> str:
    """Tables 5 and 6: shrunk test faces; rows are trainings and decoders, columns tau.

    Rows without any number are left out, unless all of them are.

    Args:
        results: All results.
        size: Cells along a side of the heatmap.
        outside: Whether only landmarks outside the image count.
    """
    taus = (None, *TAUS)
    rows = []
    for setting in settings():
        training = RECIPES[setting.recipe].label + INSIDE * (not setting.count_outside)
        for decoder in DECODERS[setting.recipe]:
            cells = _cells(results, setting, size, decoder, outside)
            label = {**VECTOR_DECODERS, **HEATMAP_DECODERS}[decoder]
            rows.append([format_value(setting.padding), training, label, *cells])
    rows = [row for row in rows if {*row[3:]} - {NOT_MEASURED, NONE}] or rows
    if not outside:
        known = [percent(published.BY_TAU.get(tau)) for tau in taus]
        rows.append([PUBLISHED, RECIPES['paper'].label, VECTOR_DECODERS['quarter'], *known])
    which = 'landmarks outside' if outside else 'all landmarks'
    heads = ['no rule', *(f'tau {tau:g}' for tau in TAUS)]
    return markdown([f'{which}, {size}x{size}: trained with', 'training', 'decoder', *heads], rows)


def settings() -> list[Setting]:
    """What was trained: first on shrunk boxes, then on whole ones."""
    return [*PARTS['box'], *(Setting(recipe) for recipe in DECODERS)]


def _cells(
    results: Sequence[Result], setting: Setting, size: int, decoder: str, outside: bool
) -> list[str]:
    """One row of `box_table`; the rule knows one height of heatmaps, their labels'."""
    taus = (None, *TAUS) if setting.has_vectors else (None, HEATMAP_TAU)
    found = [
        cell(summary_of(results, setting, size, decoded(SHRUNK_PADDING, decoder, tau, outside)))
        for tau in taus
    ]
    return found + [NONE] * (1 + len(TAUS) - len(found))
