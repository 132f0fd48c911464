import pytest
from benchmark_samples import benchmark
from encoding_samples import encoding

from mmpose_multilat.analysis.benchmarking.records import save
from mmpose_multilat.analysis.encoding.records import save as save_encoding
from mmpose_multilat.analysis.published import PAPERS, load_paper
from mmpose_multilat.tools.paper_tables import main


def cells(text):
    lines = [line for line in text.splitlines() if line.startswith('|') and '---' not in line]
    return [[cell.strip() for cell in line.strip('|').split('|')] for line in lines]


def test_published_numbers_alone(capsys):
    assert main([]) == 0
    text = capsys.readouterr().out
    for name in PAPERS:
        for table in load_paper(name).tables:
            assert f'(`{table.id}`)' in text
    rows = cells(text)
    assert ['published', 'POPoS', '1301', '0.76'] in rows
    assert not any(row[0] == 'ours' for row in rows)


def test_remarks_stand_below_the_table(capsys):
    assert main(['--table', 'popos.table_1']) == 0
    text = capsys.readouterr().out
    (row,) = (row for row in cells(text) if row[1] == 'RHT-R')
    number, mark = row[3].split()
    assert number == '3.46'
    assert (
        f'* {mark} not comparable: normalised by the inter-pupil distance; the inter-ocular' in text
    )
    assert 'Not measured here yet' in text


def test_ours_below_the_published_rows(tmp_path, capsys):
    save(benchmark(), tmp_path / 'results')
    out = tmp_path / 'new' / 'tables.md'
    words = ['--results', str(tmp_path), '--table', 'popos.table_1', 'popos.table_2']
    assert main([*words, '--out', str(out)]) == 0
    assert f'Written: {out}' in capsys.readouterr().out
    text = out.read_text()
    series = 'popos_hrnetv2-w18_4xb32-100e'
    rows = cells(text)
    assert rows[23] == [
        'ours',
        f'POPoS, 64x64, {series}, flip test off',
        *('4.00', '', '', '', '9.74', '4.75'),
    ]
    assert rows[-1][:2] == ['ours', f'POPoS, {series}, 98 landmarks']
    assert rows[-1][2].startswith('2000.00 [')
    assert 'not comparable: other hardware' in text


def test_numbers_of_encode_decode(tmp_path, capsys):
    save_encoding(encoding(), tmp_path / 'clean.json')
    save_encoding(encoding(noise=0.05), tmp_path / 'noisy.json')
    words = ['--results', str(tmp_path), '--table', 'keyposs.table_1', 'popos.table_2']
    assert main([*words, '--decoders', 'one-hot']) == 0
    text = capsys.readouterr().out
    rows = cells(text)
    (errors,) = (row for row in rows if row[1] == 'one-hot, 300w_public_test, NME_ocular')
    assert [cell.split(' ')[0] for cell in errors[2:]] == ['0.0132', '', '', '0.0995', '']
    times = [row for row in rows if row[1] == 'one-hot, 68 landmarks, batches of 64 faces']
    assert [row[3].split(' ')[0] for row in times] == ['0.250']
    assert '300w_public_test.npz with noise of 0.05 is left out' in text
    assert 'KeyPosS wide' not in text


def test_choice_of_papers_and_tables(capsys):
    assert main(['--paper', 'lcgcn', '--table', 'table_1']) == 0
    text = capsys.readouterr().out
    ids = [line.split('`')[1] for line in text.splitlines() if line.startswith('## ')]
    assert ids == ['lcgcn.table_1_nme', 'lcgcn.table_1_fr_10', 'lcgcn.table_1_auc_10']


@pytest.mark.parametrize(
    'words, message',
    [
        (['--table', 'table_99'], '--table table_99: unknown, choose from keyposs.table_1'),
        (['--paper', 'popos', '--table', 'keyposs.table_1'], 'choose from popos.table_1'),
        (['--results', 'nowhere'], 'nowhere holds no benchmark.json'),
        (['--decoders', 'KeyPosS'], '--decoders KeyPosS: no result has it'),
        (
            ['--table', 'popos.table_2', '--out', 'setup.py/x'],
            'the folder of --out setup.py cannot be a folder',
        ),
    ],
)
def test_mistakes_are_explained(capsys, words, message):
    assert main(words) == 2
    assert message in capsys.readouterr().err
