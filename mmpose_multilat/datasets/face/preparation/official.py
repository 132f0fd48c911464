"""How many faces the official annotation files hold."""

OFFICIAL_FACES: dict[str, int] = {
    # Flags of the list file; the subsets overlap.
    'face_landmarks_wflw_train.json': 7500,
    'face_landmarks_wflw_test.json': 2500,
    'face_landmarks_wflw_test_largepose.json': 326,
    'face_landmarks_wflw_test_expression.json': 314,
    'face_landmarks_wflw_test_illumination.json': 698,
    'face_landmarks_wflw_test_makeup.json': 206,
    'face_landmarks_wflw_test_occlusion.json': 736,
    'face_landmarks_wflw_test_blur.json': 773,
    # afw 337 + helen 2000 + lfpw 811.
    'face_landmarks_300w_train.json': 3148,
    # valid = common (helen 330 + lfpw 224) + challenge (ibug 135); test = indoor 300 + outdoor 300.
    'face_landmarks_300w_valid.json': 689,
    'face_landmarks_300w_valid_common.json': 554,
    'face_landmarks_300w_valid_challenge.json': 135,
    'face_landmarks_300w_test.json': 600,
    'cofw_train.json': 1345,
    'cofw_test.json': 507,
    'cofw68_test.json': 507,
    'face_landmarks_aflw_train.json': 20000,
    'face_landmarks_aflw_test.json': 4386,
    # By the rule "all 19 mask entries are one"; the release page and several papers say 1165.
    'face_landmarks_aflw_test_frontal.json': 1314,
    'lapa_train.json': 18168,
    'lapa_val.json': 2000,
    'lapa_test.json': 2000,
    'lapa_trainval.json': 20168,
    'jd_landmark_train.json': 11393,
    'jd_landmark_val.json': 2000,
    'jd_landmark_test.json': 2000,
}
"""Faces by the name of the annotation file. COCO-WholeBody gives no official number of faces."""
