"""Diagrams of curves: legends, colours, axes."""

from projects.study.panels import COLOURS, Panel, draw_panels, figure_of
from projects.study.summary import Summary


def panel(*labels, **more):
    curves = {label: {1.0: Summary(0.5, None, 1), 2.0: Summary(0.08, 0.01, 3)} for label in labels}
    return Panel('title', 'setting', curves, **more)


def colours(axes):
    return {each.get_label(): each.lines[0].get_color() for each in axes.containers}


def test_a_long_legend_leaves_the_diagram_its_width():
    figure = figure_of([panel('short', 'a label of forty letters, as long as ours')], 1)
    figure.canvas.draw()
    (axes,) = figure.axes
    assert axes.get_position().width * figure.get_figwidth() > 3, 'inches'


def test_a_curve_has_the_same_colour_in_all_diagrams():
    figure = figure_of([panel('a', 'b', 'c'), panel('c', 'a')])
    first, second = map(colours, figure.axes)
    assert len(set(first.values())) == 3
    assert second == {'a': first['a'], 'c': first['c']}


def test_more_curves_than_colours_are_all_drawn():
    labels = [f'curve {number}' for number in range(len(COLOURS) + 2)]
    (axes,) = figure_of([panel(*labels)], 1).axes
    assert list(colours(axes)) == labels


def test_a_logarithmic_axis_has_plain_numbers():
    figure = figure_of([panel('a', is_logarithmic=True)], 1)
    figure.canvas.draw()
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels(which='both')]
    assert {'10', '20', '50'} <= set(labels)


def test_a_picture_is_written(tmp_path):
    draw_panels([panel('a'), panel('b')], tmp_path / 'picture.png')
    assert (tmp_path / 'picture.png').read_bytes().startswith(b'\x89PNG')
