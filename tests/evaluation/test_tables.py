"""Tables as they are printed."""

from mmpose_multilat.evaluation.tables import markdown_tables

RESULTS = {
    'full': {
        'NME_ocular': 0.04321,
        'FR_ocular@0.10': 0.5,
        'P90_ocular': 0.1,
        'NME_ocular_pupil': 0.02,
        'undefined_ocular': 2,
        'NME_pupil': 0.06,
        'undefined_pupil': 0,
        'faces': 12,
    },
    'large pose': {'undefined_ocular': 1, 'undefined_pupil': 0, 'NME_pupil': 1.0, 'faces': 1},
    'blur': {'undefined_ocular': 0, 'undefined_pupil': 0, 'faces': 0},
}

EXPECTED = """\
Errors in % of the distance of the outer eye corners (ocular):
| subset     | faces |  NME | FR@0.10 |   P90 | NME pupil | undefined |
| ---------- | ----: | ---: | ------: | ----: | --------: | --------: |
| full       |    12 | 4.32 |   50.00 | 10.00 |      2.00 |         2 |
| large pose |     1 |    - |       - |     - |         - |         1 |

Errors in % of the distance of the pupils (pupil):
| subset     | faces |    NME |
| ---------- | ----: | -----: |
| full       |    12 |   6.00 |
| large pose |     1 | 100.00 |

Subsets without a face in this test (0 faces): blur."""


def test_the_whole_text():
    assert markdown_tables(RESULTS, ['ocular', 'pupil']) == EXPECTED


def test_no_faces_at_all():
    text = markdown_tables({'full': {'undefined_ocular': 0, 'faces': 0}}, ['ocular'])
    assert text.splitlines()[1:] == [
        '| subset | faces |',
        '| ------ | ----: |',
        '| full   |     0 |',
    ]


def test_headings_keep_the_names_of_parts():
    numbers = {'NME_ocular': 0.1, 'NME_ocular_left_eye': 0.2, 'faces': 1}
    heading = markdown_tables({'full': numbers}, ['ocular']).splitlines()[1]
    assert heading == '| subset | faces |   NME | NME left_eye |'
