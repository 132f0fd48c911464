"""One pass of a network over a test set, and what is measured on it: errors, times, covariances."""

from .batches import read_batches
from .calibration.fitting import Fitted, Half, fit_decoder, fit_decoders
from .calibration.residuals import Residuals, measure_residuals
from .comparison import (
    DecoderResult,
    Face,
    build_evaluator,
    compare_decoders,
    main_nme,
)
from .complexity import Complexity, measure_complexity
from .decoders import (
    LABELS,
    build_decoders,
    decoders_like,
    decodes_gaussians,
    misfits,
    settings_of_heatmaps,
)
from .flip_test import flip_settings, has_flip_test
from .labels import true_landmarks
from .measurement import Measured, measure
from .memory import peak_memory
from .registered import build_registered, registered_decoders, settings_of, unfit_decoders
from .timing import Timing, decode_once, measure_time
from .turns import Subject, TurnTiming, time_in_turns
from .views import Views, look_through

__all__ = [
    'LABELS',
    'Complexity',
    'DecoderResult',
    'Face',
    'Fitted',
    'Half',
    'Measured',
    'Residuals',
    'Subject',
    'Timing',
    'TurnTiming',
    'Views',
    'build_decoders',
    'build_evaluator',
    'build_registered',
    'compare_decoders',
    'decode_once',
    'decoders_like',
    'decodes_gaussians',
    'fit_decoder',
    'fit_decoders',
    'flip_settings',
    'has_flip_test',
    'look_through',
    'main_nme',
    'measure',
    'measure_complexity',
    'measure_residuals',
    'measure_time',
    'misfits',
    'peak_memory',
    'read_batches',
    'registered_decoders',
    'settings_of',
    'settings_of_heatmaps',
    'time_in_turns',
    'true_landmarks',
    'unfit_decoders',
]
