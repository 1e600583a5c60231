"""An equally good model is let through, every time: the same rows, another seed of both trainings."""

from __future__ import annotations

import numpy as np
import pytest

from tests.e2e.gate_world import first_night

pytestmark = pytest.mark.gate
TIMES = 20
# As many as this shop takes: a training that is ended on its way is as good as its seed makes it.
EPOCHS = 15


def test_twenty_of_twenty_pass(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each is compared with the same published version, which lies in a root of its own."""
    world, first = first_night(tmp_path_factory.mktemp("published"), EPOCHS)
    published = world.folder / "kept"
    print(f"\n    published: nDCG@10 {first.scorecard['metrics']['eval']['recommender']['ndcg@10']:.4f}")
    statuses, changes = [], []
    for seed in range(TIMES):
        night = world.run(
            2 + seed,
            plant=("another_seed", str(100 + seed)),
            flags=("--baseline-root", str(published)),
            epochs=EPOCHS,
        )
        own = night.scorecard["metrics"]["eval"]["recommender"]["ndcg@10"]
        mean, low, high = night.scorecard["differences"]["eval"]["published"]
        limit = night.gate("no_worse_than_published")["limit"]
        statuses.append(night.status)
        changes.append(mean)
        print(
            f"    seed {100 + seed}: exit {night.status}, nDCG@10 {own:.4f}, change {mean:+.4f} (95 % {low:+.4f} to "
            f"{high:+.4f}), allowed {limit:+.4f}; refused by {', '.join(night.refused) or 'nothing'}"
        )
    print(f"    changes: mean {np.mean(changes):+.4f}, standard deviation {np.std(changes):.4f}")
    assert len({f"{change:.9f}" for change in changes}) == TIMES  # models of their own
    assert statuses == [0] * TIMES
