import pytest

from mmpose_multilat.analysis.published import PAPERS, PER_ROW_TITLES, load_paper
from mmpose_multilat.analysis.published.official import official_file
from mmpose_multilat.evaluation import NORMALISERS

TABLES = [table for name in PAPERS for table in load_paper(name).tables]
KINDS = {'comparison', 'decoders', 'windows', 'complexity', 'speed', 'encoding', 'other'}
METRICS = {
    *('NME', 'FR', 'AUC', 'parameters', 'gflops', 'decoding_ms', 'decoding_fps', 'other'),
    None,
}


def cell(table_id, row, column):
    (table,) = (each for each in TABLES if each.id == table_id)
    (found,) = (each for each in table.rows if each.label == row)
    return found.values[[each.id for each in table.columns].index(column)]


def test_every_table_of_the_five_papers_is_there():
    ids = [table.id for table in TABLES]
    assert len(ids) == len(set(ids))
    printed = {paper: {each.title for each in load_paper(paper).tables} for paper in PAPERS}
    assert {paper: len(titles) for paper, titles in printed.items()} == dict(
        keyposs=6, popos=2, rht=9, gaussian_vector=9, lcgcn=3
    )


@pytest.mark.parametrize('table', TABLES, ids=lambda table: table.id)
def test_a_table_is_complete(table):
    names = [column.id for column in table.columns]
    assert table.kind in KINDS and table.caption and table.rows
    assert len(names) == len(set(names))
    for column in table.columns:
        assert column.metric in METRICS
        assert column.normaliser in {None, 'per row', *NORMALISERS}
        assert (column.threshold is not None) == (column.metric in ('FR', 'AUC'))
        if column.dataset and table.kind != 'other':
            assert official_file(column) is not None
    for row in table.rows:
        assert len(row.values) == len(names)
        assert set(row.notes) <= set(names)
        assert row.normaliser in {None, *PER_ROW_TITLES}
        assert row.metric in METRICS


def test_cells_as_printed():
    assert cell('keyposs.table_5', 'KeyPosS (Unbiased)', 'wflw_8x8') == 7.68
    assert cell('keyposs.table_4', '4x4 heatmap', '3x3') == 26.57
    assert cell('keyposs.table_6', 'compute (GFLOPs)', '16x16') == 0.3
    assert cell('popos.table_1', 'POPoS 64x64', 'cofw') == 3.44
    assert cell('popos.table_2', 'IGNO for PRM', 'cost_ms') == 405.06
    assert cell('rht.table_2', 'RHT-H', 'nme_box_full') == 1.87
    assert cell('gaussian_vector.table_3_auc_10', 'GV(HRNet)', 'pose') == 0.3166
    assert cell('lcgcn.table_2', 'LC-GCN', 'fr_10') == 0.5


def test_what_is_known_to_be_incomparable_is_marked():
    marked = {
        (table.id, row.label, column)
        for table in TABLES
        for row in table.rows
        for column, note in row.notes.items()
        if note.startswith('not comparable')
    }
    assert ('keyposs.table_3', 'RHT-R', '300w') in marked
    assert ('keyposs.table_3', 'RHT-R', 'aflw') in marked
    assert ('popos.table_1', 'AWing', 'cofw') in marked
    assert ('rht.table_3', 'DCFE', 'auc_10') in marked
    assert ('keyposs.table_3', 'RHT-R', 'wflw') not in marked
