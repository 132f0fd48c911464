"""The page of a folder of results, and its images."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from .panels import Panel, draw_panels
from .results import Result

PAGE = 'README.md'


@dataclass(frozen=True)
class Picture:
    """Diagrams in one file.

    Args:
        name: Name of the file.
        panels: The diagrams; of none there is no file.
        columns: How many stand in a row.
    """

    name: str
    panels: Sequence[Panel]
    columns: int


WriteReport = Callable[[Sequence[Result], Path, int, str], list[Path]]
"""See `Definition.write_report`."""


def writer_of(report_text: Callable[[Sequence[Result], int, str], str]) -> WriteReport:
    """Make what writes the report of a study without images.

    Args:
        report_text: Makes the page, given the results, the length of their trainings and the
            command.

    Returns:
        A function that writes the page of the results of one length.
    """

    def write_report(
        results: Sequence[Result], folder: Path, epochs: int, command: str
    ) -> list[Path]:
        chosen = [result for result in results if result.run.epochs == epochs]
        return write_page(folder, [], lambda _: report_text(chosen, epochs, command))

    return write_report


def write_page(
    folder: Path, pictures: Sequence[Picture], text: Callable[[Collection[str]], str]
) -> list[Path]:
    """Draw images and write the page that shows them.

    Args:
        folder: Where to write; it is made.
        pictures: The images.
        text: Makes the page, given the names of those images that there are.

    Returns:
        The files that were written, the page first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn = [picture for picture in pictures if picture.panels]
    for picture in drawn:
        draw_panels(picture.panels, folder / picture.name, picture.columns)
    names = [picture.name for picture in drawn]
    (folder / PAGE).write_text(text(names), encoding='utf-8')
    return [folder / name for name in (PAGE, *names)]
