"""The list of what a model met."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from modules.catalogue import Catalogue
from modules.met_items import MET_ITEMS_FILE, unmet_items, write_met_items
from tests.gadget_run import GadgetRun

CATALOGUE = Catalogue(np.array([b"a", b"b", b"c"], object), {})


def test_what_is_not_on_the_list(tmp_path: Path) -> None:
    write_met_items(str(tmp_path), [b"c", b"gone", b"a"])
    found = unmet_items(str(tmp_path), CATALOGUE)
    assert found is not None and found.tolist() == [False, True, False]


def test_nothing_is_new(tmp_path: Path) -> None:
    assert unmet_items(str(tmp_path), CATALOGUE) is None  # it does not say
    write_met_items(str(tmp_path), [b"a", b"b", b"c"])
    assert unmet_items(str(tmp_path), CATALOGUE) is None


def test_the_trainer_lists_what_train_holds(gadgets_run: GadgetRun) -> None:
    met = (Path(gadgets_run.model("Trainer.retrieval")) / MET_ITEMS_FILE).read_bytes().split()
    data = gadgets_run.data
    assert met == list(data.catalogue.ids[np.unique(data.train["candidate_row"])])
    assert 0 < len(met) < len(data.catalogue.ids)
