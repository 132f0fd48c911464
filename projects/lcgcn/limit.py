"""How much of a trained network's error a linear map of its landmarks could take away.

The map goes from all landmarks and scores of a face to a correction of every landmark, with weights
of its own for each pair: more than a graph can say whose edges are one number a pair. It is fitted
by ridge regression to training faces, as they are and occluded; the penalty is the one that is best
on the test faces, so that what is printed flatters the map.

    python -m projects.lcgcn.limit CONFIG CHECKPOINT [CONFIG CHECKPOINT ...]
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

import numpy as np
from mmpose.apis import init_model

from mmpose_multilat.tools.benchmarking.loading import load_config
from mmpose_multilat.tools.command_line import UserError, run_tool
from projects.lcgcn.faces import Faces, errors_of, faces_of, with_transforms
from projects.study.tables import markdown

PENALTIES = (1.0, 10.0, 100.0, 1e3, 1e4, 1e5)

OCCLUDER = dict(type='OccludeFace')


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = argparse.ArgumentParser(
        prog='python -m projects.lcgcn.limit',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        'networks', nargs='+', metavar='CONFIG CHECKPOINT', help='of controls of the study'
    )
    return parser


def run(arguments: argparse.Namespace) -> None:
    """Print a table for every network."""
    files = arguments.networks
    if len(files) % 2:
        raise UserError('name a checkpoint behind every config')
    rows = []
    for config, checkpoint in zip(files[::2], files[1::2]):
        print(f'{checkpoint} ...', file=sys.stderr, flush=True)
        rows += rows_of(Path(config), checkpoint)
    header = ['network', 'landmarks', 'as they are', 'occluded', 'hidden', 'visible']
    print(markdown(header, rows))


def rows_of(path: Path, checkpoint: str) -> list[list[str]]:
    """Two rows of the table: the network's own landmarks, and the corrected ones."""
    config = load_config(path, {})
    model = init_model(config, checkpoint, device='cpu')
    training = config.copy()
    training.test_dataloader.dataset.ann_file = config.train_dataloader.dataset.ann_file
    fitted = [faces_of(model, with_transforms(training, *each)) for each in ((), (OCCLUDER,))]
    tested = [faces_of(model, with_transforms(config, *each)) for each in ((), (OCCLUDER,))]
    weights = best_map(Faces(*map(np.concatenate, zip(*fitted))), tested[1])
    name = Path(checkpoint).parent.parent.name
    return [
        [name, label, *(f'{100 * value:.2f}' for value in errors)]
        for label, errors in (
            ('as found', four_errors(*tested)),
            ('corrected', four_errors(*(corrected(weights, each) for each in tested))),
        )
    ]


def inputs_of(faces: Faces) -> np.ndarray:
    """(N, 3 K) what the map sees of a face."""
    return np.hstack((faces.found.reshape(len(faces.found), -1), faces.scores))


def best_map(faces: Faces, tested: Faces) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The map whose errors on the tested faces are least: mean, scale and weights."""
    maps = [fit(faces, penalty) for penalty in PENALTIES]
    return min(maps, key=lambda each: error(corrected(each, tested)))


def fit(faces: Faces, penalty: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ridge regression of the corrections, a penalty on every weight but the constant."""
    inputs = inputs_of(faces)
    mean, scale = inputs.mean(0), inputs.std(0) + 1e-6
    normalised = (inputs - mean) / scale
    corrections = (faces.true - faces.found).reshape(len(inputs), -1)
    constant = corrections.mean(0)
    square = normalised.T @ normalised + penalty * np.eye(normalised.shape[1])
    weights = np.linalg.solve(square, normalised.T @ (corrections - constant))
    return mean, scale, np.vstack((weights, constant))


def corrected(fitted: tuple[np.ndarray, np.ndarray, np.ndarray], faces: Faces) -> Faces:
    """Faces with what the map makes of their landmarks."""
    mean, scale, weights = fitted
    normalised = (inputs_of(faces) - mean) / scale
    corrections = normalised @ weights[:-1] + weights[-1]
    return faces._replace(found=faces.found + corrections.reshape(faces.found.shape))


def error(faces: Faces) -> float:
    """NME as a fraction."""
    return float(errors_of(faces).mean())


def four_errors(plain: Faces, occluded: Faces) -> tuple[float, ...]:
    """NME as they are, occluded, and of hidden and visible landmarks under occluders."""
    errors = errors_of(occluded)
    parts = errors[occluded.hidden].mean(), errors[~occluded.hidden].mean()
    return error(plain), float(errors.mean()), *map(float, parts)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(run, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())
