"""Items and queries to search with."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmarks.speed.demo_run import DemoRun
from modules.catalogue import read_catalogue
from modules.restored_models import RestoredRetrieval
from modules.roles import read_roles
from modules.training_data import query_inputs
from modules.transform_graph import TransformGraph, read_columns

DIMENSION, QUERIES = 64, 500
_TOPICS, _KINDS, _SEED = 1_000, 20_000, 21
Floats = npt.NDArray[np.float32]


def structured(items: int) -> tuple[Floats, Floats]:
    """Items in kinds, kinds in topics, of uneven length; queries between two items.

    Returns:
        [items, 64] and [500, 64] float32.
    """
    rng = np.random.default_rng(_SEED)
    topics = rng.normal(size=(_TOPICS, DIMENSION))
    kinds = topics[rng.integers(0, _TOPICS, _KINDS)] + 0.6 * rng.normal(size=(_KINDS, DIMENSION))
    vectors = kinds[rng.integers(0, _KINDS, items)] + 0.5 * rng.normal(size=(items, DIMENSION))
    vectors *= np.exp(0.15 * rng.normal(size=(items, 1)))
    one, two = rng.integers(0, items, (2, QUERIES))
    queries = 0.6 * vectors[one] + 0.4 * vectors[two] + 0.3 * rng.normal(size=(QUERIES, DIMENSION))
    return vectors.astype(np.float32), queries.astype(np.float32)


def of_towers(run: DemoRun, items: int) -> tuple[Floats, Floats]:
    """Vectors that trained towers made: of eval queries as they are, of items spun out to as many as wanted.

    A catalogue of a million cannot be trained here. Each item lies between a real one and one of its eight nearest,
    with noise as large as half of their distance. The space is turned to its 64 main directions, the bias among them.

    Returns:
        [items, 64] and [500, 64] float32.
    """
    graph, roles = TransformGraph(run.graph), read_roles(run.schema)
    towers = RestoredRetrieval(graph, roles, run.model("Trainer.retrieval"))
    real = read_catalogue(run.candidates, graph, roles).encoded(towers.candidate_vector)
    columns = read_columns(str(run.artifact("TableExampleGen", "queries") / "Split-eval"), graph, query_inputs(roles))
    rng = np.random.default_rng(_SEED)
    asked = rng.choice(len(next(iter(columns.values()))), QUERIES, replace=False)
    queries = towers.query_vector({name: values[asked] for name, values in columns.items()}).numpy()

    squares = (real**2).sum(axis=1)
    distances = np.maximum(squares[:, None] + squares - 2 * real @ real.T, 0)
    near = np.argsort(distances, axis=1)[:, 1:9]
    one = rng.integers(0, len(real), items)
    two = near[one, rng.integers(0, near.shape[1], items)]
    share = rng.random((items, 1))
    noise = 0.5 * np.sqrt(distances[one, two] / real.shape[1])[:, None] * rng.normal(size=(items, real.shape[1]))
    vectors = real[one] * share + real[two] * (1 - share) + noise
    _, main = np.linalg.eigh(queries.T @ queries + 1e-6 * np.eye(real.shape[1]))
    main = main[:, ::-1][:, :DIMENSION]
    return (vectors @ main).astype(np.float32), (queries @ main).astype(np.float32)
