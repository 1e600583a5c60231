"""Opens the reports of a root in a browser, or serves them on this machine. A runner: it reads flags and prints.

python -m components.report                      the newest run of ./runs
python -m components.report --root DIR --serve   the list of runs, on http://127.0.0.1:8000/
python -m components.report --from URL_OR_DIR    those of runs on Kubeflow, copied from their published store first
"""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path

from components.report.folder import PAGE, read_scorecards, refresh_listing
from components.report.server import ReportServer
from modules.command_line import DONE, OneLineParser, one_line_errors
from modules.errors import InputError


@one_line_errors
def main(arguments: list[str]) -> int:
    """Opens or serves; returns the exit status: 0, or 2 for bad flags and a root without reports."""
    parser = OneLineParser(prog="python -m components.report", description=__doc__)
    parser.add_argument("--root", metavar="DIR", default="runs", help="where runs wrote to (default: ./runs)")
    parser.add_argument("--run", metavar="ID", help="the run to open (default: the newest)")
    parser.add_argument("--serve", action="store_true", help="serve all reports until interrupted")
    parser.add_argument("--port", type=int, default=8000, help="to serve on; 0: any that is free (default: 8000)")
    parser.add_argument("--from", dest="store", metavar="URL_OR_DIR", help="copy reports from this published store")
    flags = parser.parse_args(arguments)
    reports = Path(flags.root).resolve() / "reports"
    if flags.store:
        _copy(flags.store, reports)
    if not (reports / PAGE).is_file():
        raise InputError(str(reports), f"the {PAGE} that every run writes", "no reports")
    if flags.serve:
        return _serve(reports, flags.port)
    page = reports / _run(reports, flags.run) / PAGE
    sys.stdout.write(f"{page}\n")
    webbrowser.open(page.as_uri())
    return DONE


def _copy(store: str, reports: Path) -> None:
    """Copies what Kubeflow runs have left in a published store, and lists it with what is there."""
    from components.publishing.reports import reports_in

    if not reports_in(store, os.environ).fetch(reports):
        raise InputError(store, "a published store with reports of Kubeflow runs", "none")
    refresh_listing(reports)


def _run(reports: Path, wanted: str | None) -> str:
    runs = [scorecard.run.id for scorecard in read_scorecards(reports)[0]]
    if wanted is None and runs:
        return runs[0]
    if wanted not in runs:
        raise InputError(str(reports), f"a run out of {', '.join(runs) or 'none'}", wanted or "no run")
    return wanted


def _serve(reports: Path, port: int) -> int:
    try:
        server = ReportServer(reports, port)
    except (OSError, OverflowError) as error:
        raise InputError("--port", "one to serve on", f"{port}: {error}") from error
    sys.stdout.write(f"{server.url}  (Ctrl-C ends it)\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return DONE
    finally:
        server.server_close()
    return DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
