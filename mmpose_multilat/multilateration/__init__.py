"""The method: heatmap cells as stations, responses as distances, solvers for the position.

Torch and the standard library only, batched over any leading dimensions, coordinates always (x, y)
in heatmap px unless a name says otherwise. The path of the data: `gaussian` writes a landmark into
a heatmap; `peaks` finds the strongest cell of a heatmap and says whether it can be trusted;
`stations` chooses cells; `gaussian.squared_range` turns their responses into squared distances;
`linear` and `search` solve for the position; `beyond` follows it out of the heatmap; `coordinates`
converts it to input px. `limit` says how small its error can be. `vector_labels` and `vectors` do
the same along one axis. `polylines` draws the boundaries between landmarks.
"""

from .beyond import choose_outside, locate_beyond_box, most_in_line
from .coordinates import ALIGNMENTS, cell_pitch, heatmap_to_input, input_to_heatmap
from .gaussian import encode_gaussian, farthest_range, has_label, squared_range
from .gaussian_fit import GaussianFit, fit_gaussian, start_of_fit
from .gaussian_width_fit import WidthFit, fit_gaussian_and_width
from .limit import cramer_rao_bound, mean_error_at_bound
from .linear import solve_linear, solve_weighted_linear
from .peaks import Peaks, accept_refinement, find_peaks, largest_shift
from .polylines import (
    Segments,
    drawn_share,
    encode_polylines,
    segments_of,
    squared_distance_to_polylines,
)
from .precision import without_autocast
from .principal_cost import PrincipalCost
from .range_cost import RangeCost
from .search import (
    attach_gradient,
    candidate_offsets,
    minimise_exact,
    minimise_gauss_newton,
    search_candidates,
)
from .stations import EDGES, strongest_cells, window_offsets, window_stations
from .taylor import blurred_neighbourhood, taylor_shift
from .uncertainty import (
    dilution_of_linear,
    dilution_of_range_cost,
    invert_symmetric,
    noise_variance,
)
from .vector_labels import encode_vectors
from .vectors import REFINEMENTS, beyond_end, locate_in_vectors, quarter_shift, range_position
from .windows import gather_patch, surrounding_window

__all__ = [
    'ALIGNMENTS',
    'EDGES',
    'REFINEMENTS',
    'GaussianFit',
    'Peaks',
    'PrincipalCost',
    'RangeCost',
    'Segments',
    'WidthFit',
    'accept_refinement',
    'attach_gradient',
    'beyond_end',
    'blurred_neighbourhood',
    'candidate_offsets',
    'cell_pitch',
    'choose_outside',
    'cramer_rao_bound',
    'dilution_of_linear',
    'dilution_of_range_cost',
    'drawn_share',
    'encode_gaussian',
    'encode_polylines',
    'encode_vectors',
    'farthest_range',
    'find_peaks',
    'fit_gaussian',
    'fit_gaussian_and_width',
    'gather_patch',
    'has_label',
    'heatmap_to_input',
    'input_to_heatmap',
    'invert_symmetric',
    'largest_shift',
    'locate_beyond_box',
    'locate_in_vectors',
    'mean_error_at_bound',
    'minimise_exact',
    'minimise_gauss_newton',
    'most_in_line',
    'noise_variance',
    'quarter_shift',
    'range_position',
    'search_candidates',
    'segments_of',
    'solve_linear',
    'solve_weighted_linear',
    'squared_distance_to_polylines',
    'squared_range',
    'start_of_fit',
    'strongest_cells',
    'surrounding_window',
    'taylor_shift',
    'window_offsets',
    'window_stations',
    'without_autocast',
]
