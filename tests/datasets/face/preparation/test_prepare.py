"""What all datasets share: all or nothing, links or copies, warnings."""

import json

import pytest
from raw_releases import tree, write_lapa, write_wflw

from mmpose_multilat.datasets.face.preparation import prepare as module
from mmpose_multilat.datasets.face.preparation.prepare import Written, prepare, warnings
from mmpose_multilat.datasets.face.preparation.raw_data import FinishedFile, RawDataError
from mmpose_multilat.datasets.face.preparation.releases import RELEASES, Release
from mmpose_multilat.landmarks import DATASETS


@pytest.fixture
def raw(tmp_path):
    write_wflw(tmp_path / 'raw')
    return tmp_path / 'raw'


def test_copies_outlive_the_release(tmp_path, raw):
    prepare('wflw', raw, tmp_path / 'out', copy=True)
    pictures = list((tmp_path / 'out/images').rglob('*.jpg'))
    assert len(pictures) == 5
    for path in pictures:
        assert not path.is_symlink()
        original = raw / 'WFLW_images' / path.relative_to(tmp_path / 'out/images')
        assert path.read_bytes() == original.read_bytes()


def test_the_release_is_not_changed(tmp_path, raw):
    before = tree(raw)
    prepare('wflw', raw, tmp_path / 'out')
    prepare('wflw', raw, tmp_path / 'out', copy=True, overwrite=True)
    prepare('wflw', raw, raw)
    after = tree(raw)
    assert {name: after[name] for name in before} == before


def test_one_step_of_progress_per_picture(tmp_path, raw):
    steps = []
    prepare('wflw', raw, tmp_path / 'out', progress=lambda: steps.append(1))
    assert len(steps) == 5


def test_existing_output_is_refused(tmp_path, raw):
    prepare('wflw', raw, tmp_path / 'out')
    before = tree(tmp_path)
    with pytest.raises(FileExistsError, match=r'train\.json and 7 more would be .* --overwrite'):
        prepare('wflw', raw, tmp_path / 'out')
    assert tree(tmp_path) == before


def test_an_existing_picture_is_refused(tmp_path, raw):
    picture = tmp_path / 'out/images/0--Parade/0_test_2.jpg'
    picture.parent.mkdir(parents=True)
    picture.write_text('precious')
    before = tree(tmp_path)
    with pytest.raises(FileExistsError, match='0_test_2.jpg would be replaced'):
        prepare('wflw', raw, tmp_path / 'out')
    assert tree(tmp_path) == before
    prepare('wflw', raw, tmp_path / 'out', overwrite=True)
    assert picture.is_symlink()


def test_overwrite_keeps_other_files(tmp_path, raw):
    prepare('wflw', raw, tmp_path / 'out')
    (tmp_path / 'out/annotations/mine.json').write_text('mine')
    (tmp_path / 'out/annotations/face_landmarks_wflw_test.json').write_text('old')
    before = tree(tmp_path / 'out')
    prepare('wflw', raw, tmp_path / 'out', overwrite=True)
    after = tree(tmp_path / 'out')
    changed = [name for name in after if after[name] != before.get(name)]
    assert changed == ['annotations/face_landmarks_wflw_test.json']
    assert set(after) == set(before)


@pytest.mark.parametrize('overwrite', [True, False])
def test_an_error_at_the_very_end_leaves_the_output_as_it_was(
    tmp_path, raw, monkeypatch, overwrite
):
    prepare('wflw', raw, tmp_path / 'out')
    if not overwrite:
        for file in DATASETS['wflw'].files:
            (tmp_path / 'out' / file.path).unlink()
    release = RELEASES['wflw']

    def read(raw, pictures):
        yield from release.read(raw, pictures)
        raise RawDataError(raw, 'the last bit is wrong')

    monkeypatch.setitem(module.RELEASES, 'wflw', Release(read, release.raw))
    before = tree(tmp_path)
    with pytest.raises(RawDataError, match='the last bit'):
        prepare('wflw', raw, tmp_path / 'out', copy=True, overwrite=overwrite)
    assert tree(tmp_path) == before


def test_no_release(tmp_path):
    with pytest.raises(RawDataError, match='nowhere: is no folder'):
        prepare('wflw', tmp_path / 'nowhere', tmp_path / 'out')


def test_finished_files_are_copied_as_they_are(tmp_path, raw, monkeypatch):
    (raw / 'official.json').write_bytes(b'{"exactly":  "this"}')

    def read(raw, pictures):
        yield FinishedFile('coco.json', raw / 'official.json', 7, 5)

    monkeypatch.setitem(module.RELEASES, 'coco_wholebody_face', Release(read, ''))
    written = prepare('coco_wholebody_face', raw, tmp_path / 'out')
    assert written == [Written('coco.json', 7, 5)]
    copied = tmp_path / 'out/annotations/coco.json'
    assert copied.read_bytes() == b'{"exactly":  "this"}' and not copied.is_symlink()


def test_an_id_means_one_face_in_all_files(tmp_path):
    write_lapa(tmp_path / 'raw')
    prepare('lapa', tmp_path / 'raw', tmp_path / 'out')
    by_id = {}
    for file in DATASETS['lapa'].files:
        content = json.loads((tmp_path / 'out' / file.path).read_text())
        for each in content['annotations']:
            assert by_id.setdefault(each['id'], each) == each
    assert len(by_id) == 6


def test_warnings_name_counts_that_are_not_official():
    written = [
        Written(file.name, file.faces, 1)
        for file in DATASETS['wflw'].files
        if not file.name.endswith(('train.json', 'blur.json'))
    ]
    written.append(Written('face_landmarks_wflw_train.json', 7499, 1))
    missing, count = warnings('wflw', written)
    assert missing.startswith('face_landmarks_wflw_test_blur.json was not written')
    assert count == 'face_landmarks_wflw_train.json holds 7499 faces, the official one 7500'
    written[-1] = Written('face_landmarks_wflw_train.json', 7500, 1)
    assert warnings('wflw', written) == [missing]


def test_coco_wholebody_has_no_official_number_of_faces():
    files = [Written(f'coco_wholebody_{split}_v1.0.json', 5, 5) for split in ('train', 'val')]
    assert warnings('coco_wholebody_face', files) == []


@pytest.mark.parametrize('name', RELEASES)
def test_every_release_says_what_it_needs_and_has_a_folder(name):
    assert RELEASES[name].raw and DATASETS[name].folder
