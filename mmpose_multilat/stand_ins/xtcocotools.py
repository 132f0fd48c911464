"""Stand-in for xtcocotools over pycocotools, written by mmpose-multilat.

``python -m mmpose_multilat.tools.doctor --fix`` copies this file beside pycocotools, where
xtcocotools is not installed (it has no wheels for Python 3.12 and later, and none for NumPy 2);
``doctor --undo`` removes it. An xtcocotools in the same folder always comes first: Python prefers
a package to a module of the same name.

xtcocotools is pycocotools with a few additions. The evaluation of key points and boxes gives the
numbers of xtcocotools 1.14.3; what pycocotools cannot do (evaluation of whole bodies and crowds,
``use_area=False``, a selection of key points) raises NotImplementedError.
"""

import sys
from types import ModuleType

import pycocotools.coco
import pycocotools.cocoeval
import pycocotools.mask as mask


def _refuse(what: str) -> None:
    raise NotImplementedError(
        f'{what} needs xtcocotools, and pycocotools stands in its place here. xtcocotools can be '
        'installed with Python 3.10 or 3.11 and NumPy 1: pip install xtcocotools "numpy<2"'
    )


class COCO(pycocotools.coco.COCO):
    """``pycocotools.coco.COCO`` that takes data instead of a file and marks what is no crowd."""

    def __init__(self, annotation_file=None, test_index=None, ann_data=None):
        if test_index is not None:
            _refuse('COCO(test_index=...)')
        super().__init__(None if ann_data else annotation_file)
        self.anno_file = [annotation_file]
        if ann_data:
            self.dataset = ann_data
            self.createIndex()

    def createIndex(self):  # noqa: N802, the library's name
        """Index the annotations by image and category, as pycocotools does."""
        for annotation in self.dataset.get('annotations', ()):
            annotation.setdefault('iscrowd', False)
        super().createIndex()


def _count_visible(annotation: dict) -> int:
    """Count the key points whose third number, their visibility or score, is above 0."""
    return sum(visibility > 0 for visibility in annotation['keypoints'][2::3])


class COCOeval(pycocotools.cocoeval.COCOeval):
    """``pycocotools.cocoeval.COCOeval`` with the ``sigmas`` of key points as an argument.

    In ``evalImgs`` the ids of annotations are higher by one than in the file.
    """

    def __init__(
        self,
        cocoGt=None,  # noqa: N803, the library's names
        cocoDt=None,  # noqa: N803
        iouType='keypoints',  # noqa: N803
        sigmas=None,
        use_area=True,
    ):
        if iouType not in ('keypoints', 'bbox', 'segm'):
            _refuse(f'COCOeval(iouType={iouType!r})')
        if not use_area:
            _refuse('COCOeval(use_area=False)')
        super().__init__(cocoGt, cocoDt, iouType)
        if sigmas is not None:
            self.params.kpt_oks_sigmas = sigmas

    def _prepare(self):
        """Choose annotations and detections as xtcocotools does, where pycocotools differs."""
        has_keypoints = self.params.iouType == 'keypoints'
        if has_keypoints:
            for annotation in self.cocoGt.anns.values():
                if 'keypoints' in annotation:
                    annotation['num_keypoints'] = _count_visible(annotation)
        super()._prepare()
        for annotations in self._gts.values():
            # pycocotools takes the id 0 of a matched annotation for no match.
            annotations[:] = [{**each, 'id': each['id'] + 1} for each in annotations]
        if has_keypoints:
            for detections in self._dts.values():
                detections[:] = [each for each in detections if _count_visible(each)]


def _submodule(name: str, **content: object) -> ModuleType:
    """Make ``xtcocotools.NAME`` importable from this single file."""
    module = ModuleType(f'{__name__}.{name}')
    module.__dict__.update(content)
    return sys.modules.setdefault(module.__name__, module)


coco = _submodule('coco', COCO=COCO)
cocoeval = _submodule('cocoeval', COCOeval=COCOeval)
sys.modules.setdefault(f'{__name__}.mask', mask)
__path__: list = []
