"""Images and plots. Matplotlib is imported for plots alone."""

from mmpose_multilat.lazy import lazy_names

from .colour import as_colour
from .edges import draw_edges
from .ellipses import DRAWN_DEVIATIONS, DRAWN_SHARE, draw_covariances
from .faces import draw_landmarks, face_sheet
from .pictures import draw_face
from .worst_faces import worst_faces_page

__getattr__ = lazy_names(
    __name__,
    charts=['plot_nme_by_decoder'],
    curves=['plot_cumulative_errors', 'plot_error_by_heatmap_size', 'plot_error_by_operations'],
)

__all__ = [
    'DRAWN_DEVIATIONS',
    'DRAWN_SHARE',
    'as_colour',
    'draw_covariances',
    'draw_edges',
    'draw_face',
    'draw_landmarks',
    'face_sheet',
    'plot_cumulative_errors',
    'plot_error_by_heatmap_size',
    'plot_error_by_operations',
    'plot_nme_by_decoder',
    'worst_faces_page',
]
