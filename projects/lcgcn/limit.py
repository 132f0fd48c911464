"""How much of a trained network's error a linear map of its landmarks could take away.

The map goes from all landmarks and scores of a face to a correction of every landmark, with weights
of its own for each pair of coordinates: more than a graph can say whose edges are one number a
pair. It sees faces turned, scaled and moved onto the mean face, not their places in the crop, which
tell of the labels that the crops are cut by. It is fitted by ridge regression to training faces, as
they are and occluded; the penalty is the one that is best on the test faces, so that what is
printed flatters the map.

    python -m projects.lcgcn.limit CONFIG CHECKPOINT [CONFIG CHECKPOINT ...]
"""

import argparse
import copy
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Optional

import numpy as np
from mmpose.apis import init_model

from mmpose_multilat.analysis.loading import load_config
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
    training = copy.deepcopy(config)
    training.test_dataloader.dataset.ann_file = config.train_dataloader.dataset.ann_file
    fitted = [faces_of(model, with_transforms(training, *each)) for each in ((), (OCCLUDER,))]
    tested = [faces_of(model, with_transforms(config, *each)) for each in ((), (OCCLUDER,))]
    correction = best_correction(Faces(*map(np.concatenate, zip(*fitted))), tested[1])
    name = Path(checkpoint).parent.parent.name
    return [
        [name, label, *(f'{100 * value:.2f}' for value in errors)]
        for label, errors in (
            ('as found', four_errors(*tested)),
            ('corrected', four_errors(*(correction(each) for each in tested))),
        )
    ]


Correction = Callable[[Faces], Faces]


def best_correction(faces: Faces, tested: Faces) -> Correction:
    """The correction whose errors on the tested faces are least."""
    candidates = [fit(faces, penalty) for penalty in PENALTIES]
    return min(candidates, key=lambda each: error(each(tested)))


def fit(faces: Faces, penalty: float) -> Correction:
    """Ridge regression of the corrections, a penalty on every weight but the constant."""
    mean_face = as_complex(faces.true.mean(0))
    inputs, factors = turned(faces, mean_face)
    mean, scale = inputs.mean(0), inputs.std(0) + 1e-6
    inputs = (inputs - mean) / scale
    wanted = split((as_complex(faces.true) - as_complex(faces.found)) * factors)
    constant = wanted.mean(0)
    square = inputs.T @ inputs + penalty * np.eye(inputs.shape[1])
    weights = np.linalg.solve(square, inputs.T @ (wanted - constant))

    def correct(given: Faces) -> Faces:
        inputs, factors = turned(given, mean_face)
        x, y = np.split((inputs - mean) / scale @ weights + constant, 2, axis=1)
        change = (x + 1j * y) / factors
        return given._replace(found=given.found + np.stack((change.real, change.imag), -1))

    return correct


def turned(faces: Faces, mean_face: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Move, turn and scale faces onto the mean face, by least squares.

    Returns:
        (N, 3 K) what the map sees of them: x, y and score of all landmarks.
        (N, 1) complex factors that turn and scale displacements likewise.
    """
    found, target = as_complex(faces.found), mean_face - mean_face.mean()
    centred = found - found.mean(1, keepdims=True)
    factors = (centred.conj() @ target) / (abs(centred) ** 2).sum(1)
    return np.hstack((split(centred * factors[:, None]), faces.scores)), factors[:, None]


def as_complex(points: np.ndarray) -> np.ndarray:
    """(..., 2) points (x, y) as numbers x + iy."""
    return points[..., 0] + 1j * points[..., 1]


def split(numbers: np.ndarray) -> np.ndarray:
    """(N, K) complex numbers as (N, 2 K), all x and then all y."""
    return np.hstack((numbers.real, numbers.imag))


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
