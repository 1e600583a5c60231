"""The list of what a model met."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from modules.catalogue import Catalogue
from modules.met_items import MET_ITEMS_FILE, passed_items, unmet_items, write_met_items
from tests.gadget_run import GadgetRun

CATALOGUE = Catalogue(np.array([b"a", b"b", b"c"], object), {})
LEARNED_WITH = Catalogue(np.array([b"c", b"gone", b"b", b"a"], object), {})


def test_what_was_met_what_was_passed_and_what_is_new(tmp_path: Path) -> None:
    """Somebody met a and the item that is gone; c and b were there in vain; d came later."""
    write_met_items(str(tmp_path), LEARNED_WITH, np.array([1, 3]))
    catalogue = Catalogue(np.array([b"a", b"b", b"c", b"d"], object), {})
    unmet, passed = (of(str(tmp_path), catalogue) for of in (unmet_items, passed_items))
    assert unmet is not None and unmet.tolist() == [False, True, True, True]
    assert passed is not None and passed.tolist() == [False, True, True, False]


def test_nothing_is_new(tmp_path: Path) -> None:
    assert unmet_items(str(tmp_path), CATALOGUE) is None  # it does not say
    assert passed_items(str(tmp_path), CATALOGUE) is None
    write_met_items(str(tmp_path), LEARNED_WITH, np.arange(4))
    assert unmet_items(str(tmp_path), CATALOGUE) is None
    passed = passed_items(str(tmp_path), CATALOGUE)
    assert passed is not None and not passed.any()


def test_the_trainer_lists_what_train_holds(gadgets_run: GadgetRun) -> None:
    met = (Path(gadgets_run.model("Trainer.retrieval")) / MET_ITEMS_FILE).read_bytes().split()
    data = gadgets_run.data
    assert met == list(data.catalogue.ids[np.unique(data.train["candidate_row"])])
    assert 0 < len(met) < len(data.catalogue.ids)
