"""The file of what is done of an index, from which an interrupted run goes on."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from mmpose_multilat.landmarks.whole_files import replacing

from .index import Fingerprint, Match

NOTES = '.notes'
"""End of the name of the file, behind that of the index."""


def begin_notes(notes: Path, fingerprint: Fingerprint) -> dict[str, Match]:
    """Read what an earlier run has noted; start anew if it was of other references or settings.

    Args:
        notes: File of what is done, which is written anew with what is still believed.
        fingerprint: Of the index to be.

    Returns:
        Matches by the key of the face.
    """
    wanted = json.dumps(asdict(fingerprint))
    text = notes.read_text(encoding='utf-8') if notes.exists() else ''
    header, _, lines = text.partition('\n')
    done = _read_notes(lines.splitlines()) if header == wanted else {}
    with replacing(notes) as part:
        content = ''.join(note(key, match) for key, match in done.items())
        part.write_text(f'{wanted}\n{content}', encoding='utf-8')
    return done


def note(key: str, match: Match) -> str:
    """Return a line for the file of what is done."""
    return json.dumps([key, *match]) + '\n'


def _read_notes(lines: Sequence[str]) -> dict[str, Match]:
    """Read noted matches up to a line that was not written completely."""
    done = {}
    for line in lines:
        try:
            key, *match = json.loads(line)
        except ValueError:
            break
        done[key] = Match(*match)
    return done
