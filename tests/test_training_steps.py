"""Steps for training in a test pipeline: left out with a note, or refused by name."""

from types import SimpleNamespace

import numpy as np
import pytest
from crop_pipelines import usual_pipeline
from mmengine.dataset import Compose
from mmpose.registry import TRANSFORMS

from mmpose_multilat.analysis.pipeline_warnings import warn_of_pipeline
from mmpose_multilat.datasets.transforms.training_steps import is_for_training
from mmpose_multilat.errors import SettingsWarning, UserError
from mmpose_multilat.inference.boxes import Box
from mmpose_multilat.inference.frames import Frame
from mmpose_multilat.inference.inputs import Source
from mmpose_multilat.inference.pipeline_crops import PipelineCropper

SIZE = 64, 32
CODEC = dict(type='KeyPosS', input_size=SIZE, heatmap_size=(16, 8))
FRAME = Frame(
    Source('image', 'a.jpg'),
    np.random.default_rng(0).integers(0, 255, (80, 90, 3), np.uint8),
)
BOX = Box(20, 10, 40, 50)

RANDOM = [
    dict(type='RandomFlip', prob=1.0),
    dict(type='RandomBBoxTransform'),
    dict(type='RandomHalfBody', prob=1.0),
    dict(type='PhotometricDistortion'),
    dict(type='RandomGrayscale', prob=0.5),
    dict(type='mmpose.YOLOXHSVRandomAug'),
    dict(type='RandomOcclusion', prob=1.0),
    dict(type='RandomApply', transforms=[dict(type='RandomFlip', prob=1.0)], prob=1.0),
]
LABELS = [
    dict(type='GenerateTarget', encoder=CODEC),
    dict(type='KeypointConverter', num_keypoints=2, mapping=[(0, 1), (1, 0)]),
]


def pipeline_with(step):
    """The pipeline of a test with a further step before its end or, for boxes, behind the box."""
    pipeline = usual_pipeline(SIZE)
    pipeline.insert(2, step)
    return pipeline


@pytest.mark.parametrize('step', [*RANDOM, *LABELS], ids=lambda step: step['type'])
def test_steps_for_training_change_nothing_of_a_prediction(step):
    cut = PipelineCropper(pipeline_with(step))
    assert cut.left_out == step['type'].rpartition('.')[2]
    plain, found = PipelineCropper(usual_pipeline(SIZE))(FRAME, BOX), cut(FRAME, BOX)
    np.testing.assert_array_equal(found.image, plain.image)
    np.testing.assert_array_equal(found.region.centre, plain.region.centre)


def test_the_usual_steps_stay():
    kept = pipeline_with(dict(type='RandomGrayscale', prob=1.0))
    assert not any(map(is_for_training, Compose(kept).transforms))
    assert PipelineCropper(usual_pipeline(SIZE)).left_out == ''


def test_another_step_that_needs_labels_is_named():
    @TRANSFORMS.register_module(force=True)
    class NeedsLandmarks:
        def __call__(self, results):
            return dict(results, box=results['keypoints'].min())

    cut = PipelineCropper(pipeline_with(dict(type='NeedsLandmarks')))
    with pytest.raises(UserError, match='NeedsLandmarks of the test pipeline.*keypoints'):
        cut(FRAME, BOX)


@pytest.mark.parametrize(
    'kept, message',
    [
        ((0, 1, 2), 'does not end with PackPoseInputs'),
        ((0, 2, 3), 'TopdownAffine of the test pipeline.*bbox'),
    ],
)
def test_a_step_that_is_missing_is_named(kept, message):
    pipeline = usual_pipeline(SIZE)
    with pytest.raises(UserError, match=message):
        PipelineCropper([pipeline[index] for index in kept])(FRAME, BOX)


def test_a_step_that_drops_the_face_is_named():
    with pytest.raises(UserError, match='function of the test pipeline .* drops the face'):
        PipelineCropper(pipeline_with(lambda results: None))(FRAME, BOX)


@pytest.mark.parametrize('step', RANDOM, ids=lambda step: step['type'])
def test_measurements_that_obey_random_steps_say_so(step, recwarn):
    dataset = SimpleNamespace(pipeline=Compose(pipeline_with(step)))
    with pytest.warns(SettingsWarning, match=step['type'].rpartition('.')[2]):
        warn_of_pipeline(SimpleNamespace(dataset=SimpleNamespace(dataset=dataset)), [])
    usual = SimpleNamespace(pipeline=Compose(usual_pipeline(SIZE)))
    recwarn.clear()
    warn_of_pipeline(SimpleNamespace(dataset=usual), [])
    assert not recwarn.list
