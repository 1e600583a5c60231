"""Where a benchmark works, and what all protocols need from it."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path

from benchmarks.quality.config_changes import Config
from benchmarks.quality.pipeline_run import Trained, run_pipeline
from benchmarks.quality.results import Bar, Row


@dataclasses.dataclass(frozen=True)
class Bench:
    """The folders of a benchmark.

    Attributes:
        data: with the published data sets `ml-100k`, `ml-1m` and `ml-latest-small`.
        root: of everything that is written.
        resume: whether runs that have ended are not done again.
    """

    data: Path
    root: Path
    resume: bool = False

    def folder(self, *names: str) -> Path:
        """A folder under the root; it is made if need be."""
        path = self.root.joinpath(*names)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def trained(
        self,
        name: str,
        data: Path | None,
        schema: str | None,
        config: Config,
        root: Path,
        gated: bool = False,
        shared: bool = False,
        keep_published: bool = False,
    ) -> Trained:
        """Runs the pipeline, or reads what an earlier run of that name left.

        Args:
            name: of the run, inside its root.
            data, schema, config, root, gated, keep_published: as `run_pipeline` takes them.
            shared: whether what other runs left in the root may be used; otherwise it is emptied, so that the costs
                are those of the whole.
        """
        record = root / f"trained-{name}.json"
        if self.resume and record.exists():
            known = Trained(**json.loads(record.read_text(encoding="utf-8")))
            if Path(known.servable).exists():
                return known
        if not shared:
            shutil.rmtree(root, ignore_errors=True)
        result = run_pipeline(data, schema, config, root, gated, keep_published)
        record.write_text(json.dumps(dataclasses.asdict(result)), encoding="utf-8")
        return result


@dataclasses.dataclass(frozen=True)
class Protocol:
    """A way to measure.

    Attributes:
        name: on the command line.
        title: of its section.
        about: what is done, in Markdown.
        metrics: the columns of its table.
        bars: what has to be reached.
        baselines: measures the others.
        ours: measures our systems with a seed.
        seeds: how many seeds make sense; None for any number.
    """

    name: str
    title: str
    about: str
    metrics: tuple[str, ...]
    bars: tuple[Bar, ...]
    baselines: Callable[[Bench], list[Row]]
    ours: Callable[[Bench, int], list[Row]]
    seeds: int | None = None
