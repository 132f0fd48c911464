"""Pictures and plots."""

from .charts import plot_nme_by_decoder
from .faces import draw_landmarks, face_sheet

__all__ = ['draw_landmarks', 'face_sheet', 'plot_nme_by_decoder']
