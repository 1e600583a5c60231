"""A servable with many items: the models of a real run over a catalogue spun out of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.speed.demo_run import DemoRun
from modules.catalogue import read_catalogue
from modules.index.index import Index, build_index
from modules.index.plan import IndexPlan
from modules.item_popularity import ItemPopularity
from modules.restored_models import RestoredModels
from modules.roles import read_roles
from modules.serving.config import Blend, ServingConfig
from modules.serving.ragged_table import RaggedArray
from modules.serving.rules import Rules
from modules.serving.servable import Servable
from modules.serving.tables import CatalogueTable, Names, UserTable
from modules.transform_graph import TransformGraph

ITEMS, USERS, HISTORY = 100_000, 1_000, 50
_SEED = 11


def large_servable(run: DemoRun, folder: Path) -> tuple[str, Index]:
    """Writes the servable.

    Returns:
        its folder, and an index like the one in it.
    """
    roles, graph = read_roles(run.schema), TransformGraph(run.graph)
    models = RestoredModels(graph, roles, run.model("Trainer.retrieval"), run.model("Trainer.ranking"))
    catalogue = read_catalogue(run.candidates, graph, roles)
    vectors, encodings = catalogue.encoded(models.candidate_vector), catalogue.encoded(models.candidate_encoding)
    rng = np.random.default_rng(_SEED)
    like = rng.integers(0, len(vectors), ITEMS + 1)
    noise = 0.1 * vectors.std(axis=0) * rng.normal(size=(ITEMS + 1, vectors.shape[1]))
    table = CatalogueTable(
        item_ids=[b"item-%d" % number for number in range(ITEMS)],
        titles=[b"Item %d" % number for number in range(ITEMS)],
        vectors=(vectors[like] + noise).astype(np.float32),
        encodings=encodings[like],
        categories={},
        popularity=ItemPopularity.unknown(ITEMS),
    )
    histories = [rng.choice(ITEMS, HISTORY, replace=False).tolist() for _ in range(USERS)]
    history = RaggedArray.from_rows(histories, np.int32)
    targets = RaggedArray(np.full(USERS * HISTORY, 4.0, np.float32), history.row_splits) if roles.target else None
    servable = Servable(
        table,
        UserTable([b"user-%d" % number for number in range(USERS)], {}, history, targets, history),
        models,
        Blend(retrieval=0.5, taken=1.0),
        ServingConfig(),
        Rules(),
        history_length=500,
        names=Names(roles.user_id, roles.item_id, time=roles.time),
        asset_dir=folder / "assets",
    )
    servable.save(folder / "model")
    return str(folder / "model"), build_index(IndexPlan(), table.vectors, ITEMS, biases=1)
