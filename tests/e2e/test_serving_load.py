"""A minute of two clients while versions of a whole servable are swapped and rolled back: `make test-serving`.

Of the two newest versions under $SERVING_ROOT (the --root of runs), or else of a small shop and its refresh.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from components.folder_digest import folder_digest
from components.publishing.rollback import roll_back
from components.publishing.store import PublishedStore
from tests.e2e.conftest import RunShop, run_pipeline
from tests.e2e.stores import as_sqlite
from tests.e2e.test_refresh import FLAGS, later_shop
from tests.model_server.closed_loop import Asked, Client, answers_of, closed_loop, model_server, wait_until_served

pytestmark = pytest.mark.benchmark
STEADY, SECONDS, SWAPS = 15, 60, 5


@pytest.fixture(scope="module")
def versions(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two servables of one shop."""
    if root := os.environ.get("SERVING_ROOT"):
        published = PublishedStore(Path(root) / "serving")
        found = [published.servable_path(version) for version in published.versions()][-2:]
        assert len(found) == 2, f"{root} must have two published versions"
        return found
    run_shop: RunShop = request.getfixturevalue("run_shop")
    first, folder = run_shop("sqlite"), tmp_path_factory.mktemp("load")
    shutil.copytree(first.root / "serving", folder / "root" / "serving")
    (folder / "data").mkdir()
    shop = later_shop()
    return [first.model, run_pipeline(shop, as_sqlite(shop, folder / "data"), folder, *FLAGS).model]


def requests_for(model: Path) -> list[Asked]:
    """What people ask, of somebody known and somebody unknown."""
    samples = json.loads((model / "assets.extra" / "sample_requests.json").read_text())
    inputs = next(sample["inputs"] for sample in samples if sample["signature"] == "recommend")
    user, item = (base64.b64decode(text["b64"]).decode() for text in (inputs["user_id"][0], inputs["history"][0][0]))
    lists: dict[str, Any] = {"exclude": [[""], [item]], "k": 20}
    return [
        ("serving_default", {"user_id": [user, "nobody"]}),
        ("recommend", {"user_id": [user, "nobody"], "history": [[item], [""]], **lists}),
        ("similar_items", {"item_id": [item], "k": 20}),
    ]


def test_a_minute_of_swaps(versions: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    requests = requests_for(versions[0])
    answers = [answers_of(model, requests) for model in versions]
    # Only where the versions differ can a mixture be seen.
    telling = [number for number in range(len(requests)) if answers[0][number] != answers[1][number]]
    assert telling
    requests = [requests[number] for number in telling]
    contents = dict(zip(("old", "new"), ([one[number] for number in telling] for one in answers), strict=True))
    store = PublishedStore(tmp_path / "serving")
    digests = [folder_digest(model) for model in versions]
    first = store.publish(versions[0], {}, {"run_digest": "old", "digests": {"servable": digests[0]}})
    moments: list[float] = []

    def change() -> None:
        moments.append(time.monotonic())
        time.sleep(STEADY)
        moments.append(time.monotonic())
        for swap in range(SWAPS):
            manifest = {"run_digest": f"{swap}", "digests": {"servable": digests[1]}}
            wait_until_served(addresses[0], store.publish(versions[1], {}, manifest))
            wait_until_served(addresses[0], roll_back(store))
        time.sleep(max(0.0, moments[1] + SECONDS - time.monotonic()))
        moments.append(time.monotonic())

    with model_server(store.root / "recommender", tmp_path / "models.config") as addresses:
        wait_until_served(addresses[0], first)
        clients = closed_loop(addresses, requests, contents, change)
    with capsys.disabled():
        print(report(clients, moments))
    for client in clients.values():
        assert (client.failures, client.strangers) == ([], [])
        assert client.contents[-1] == "old" and client.contents.count("new") >= SWAPS


def report(clients: dict[str, Client], moments: list[float]) -> str:
    """A table of latencies, in milliseconds."""
    lines = [f"\n{SWAPS} swaps and {SWAPS} rollbacks in {moments[2] - moments[1]:.0f} s"]
    lines.append("| client | phase | requests | failed | mixed | p50 | p99 | max |\n|---|---|---|---|---|---|---|---|")
    for name, client in clients.items():
        for phase, begin, end in (("steady", moments[0], moments[1]), ("swapping", moments[1], moments[2])):
            found = client.milliseconds(begin, end)
            counts = f"{len(client.failures)} | {len(client.strangers)}"
            figures = " | ".join(f"{found[key]:.1f}" for key in ("p50", "p99", "max"))
            lines.append(f"| {name} | {phase} | {found['requests']:,} | {counts} | {figures} |")
    return "\n".join(lines)
