from dataclasses import replace

import pytest
from encoding_samples import encoding, without_times

from mmpose_multilat.analysis.published import load_paper
from mmpose_multilat.analysis.published.own_encodings import encoding_rows, noisy_left_out

TABLES = {table.id: table for name in ('keyposs', 'popos') for table in load_paper(name).tables}


def rows(table_id, *encodings, decoders=()):
    return {row.label: row for row in encoding_rows(TABLES[table_id], encodings, decoders)}


def test_errors_stand_in_the_columns_of_their_sizes():
    found = rows('keyposs.table_1', encoding())
    assert {label: row.values for label, row in found.items()} == {
        'one-hot, 300w_public_test, NME_ocular': {'64x64': [0.0132], '8x8': [0.0995]},
        'KeyPosS wide, 300w_public_test, NME_ocular': {'64x64': [0.0001]},
    }
    (note,) = found['one-hot, 300w_public_test, NME_ocular'].notes
    assert note == '689 faces of 300w_public_test.npz, sigma 2, msra alignment'


def test_a_row_for_each_normaliser_with_the_faces_that_count():
    metrics = {'NME_ocular': 0.02, 'undefined_ocular': 9, 'NME_box_tight': 0.01, 'faces': 689}
    sample = encoding(normalisers=['ocular', 'box_tight'])
    sample = replace(sample, results=[replace(sample.results[0], metrics=metrics)])
    found = rows('keyposs.table_1', sample)
    assert list(found) == [
        'one-hot, 300w_public_test, NME_ocular',
        'one-hot, 300w_public_test, NME_box_tight',
    ]
    ocular, box = found.values()
    assert ocular.notes[0].startswith('680 faces of') and box.notes[0].startswith('689 faces of')
    assert ocular.notes[1] == (
        '9 faces of 300w_public_test.npz without a defined ocular distance left out'
    )


def test_times_are_marked_as_those_of_other_hardware():
    found = rows('popos.table_2', encoding())
    label = 'one-hot, 68 landmarks, batches of 64 faces'
    assert list(found) == [label, 'KeyPosS wide, 68 landmarks, batches of 64 faces']
    assert found[label].values == {'fps': [4000], 'cost_ms': [0.25]}
    (note,) = found[label].notes
    assert note.startswith('not comparable: other hardware (CPU (Abacus), 2 thread(s)')
    assert rows('popos.table_2', without_times(encoding())) == {}


def test_noise_stays_out_of_a_table_without():
    table = TABLES['keyposs.table_1']
    noisy = encoding(noise=0.05)
    assert encoding_rows(table, [noisy]) == []
    (sentence,) = noisy_left_out(table, [noisy, encoding()])
    assert sentence.startswith('300w_public_test.npz with noise of 0.05 is left out')
    assert noisy_left_out(TABLES['popos.table_2'], [noisy]) == []


def test_a_measurement_that_stands_in_two_files_is_shown_once():
    def one_hot(nme):
        result = replace(encoding().results[0], metrics={'NME_ocular': nme})
        return encoding(results=[result])

    files = [one_hot(nme) for nme in (0.0132, 0.01320001, 0.0150)]
    ((label, row),) = rows('keyposs.table_1', *files).items()
    assert row.values == {'64x64': [0.0132, 0.0150]} and len(row.notes) == 1


def test_chosen_decoders():
    assert len(rows('keyposs.table_1', encoding(), decoders=['one-hot'])) == 1


@pytest.mark.parametrize('table_id', ['keyposs.table_4', 'keyposs.table_5', 'popos.table_1'])
def test_tables_about_networks(table_id):
    assert rows(table_id, encoding()) == {}
