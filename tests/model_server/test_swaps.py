"""What is served changes under load: no request fails, and no answer is of two versions."""

from __future__ import annotations

import time
from pathlib import Path

from components.folder_digest import folder_digest
from components.publishing.rollback import roll_back
from components.publishing.store import PublishedStore
from tests.model_server.closed_loop import answers_of, closed_loop, model_server, wait_until_served
from tests.model_server.toys import publish

REQUESTS = [("serving_default", {"name": ["ann", "bob", "cid"]}), ("serving_default", {"name": ["dora"]})]
SECONDS, SWAPS = 10, 5


def test_swaps_and_rollbacks_are_not_noticed(tmp_path: Path) -> None:
    store, toys = PublishedStore(tmp_path / "serving"), tmp_path / "toys" / "all"
    toys.parent.mkdir()
    models = {name: publish(toys, version) for version, name in ((1, "old"), (2, "new"))}
    contents = {name: answers_of(model, REQUESTS) for name, model in models.items()}
    store.publish(models["old"], {}, {"run_digest": "old", "digests": {"servable": folder_digest(models["old"])}})

    with model_server(store.root / "recommender", tmp_path / "models.config") as addresses:

        def change() -> None:
            until = time.monotonic() + SECONDS
            for swap in range(SWAPS):
                model = models["new"]
                digests = {"servable": folder_digest(model)}
                wait_until_served(addresses[0], store.publish(model, {}, {"run_digest": f"{swap}", "digests": digests}))
                wait_until_served(addresses[0], roll_back(store))
                time.sleep(max(0.0, until - time.monotonic()) / (SWAPS - swap))

        clients = closed_loop(addresses, REQUESTS, contents, change)
    for client in clients.values():
        assert (client.failures, client.strangers) == ([], [])
        assert len(client.seconds) > 1000
        assert client.contents[0] == client.contents[-1] == "old" and client.contents.count("new") == SWAPS
