"""The task that says how a run ended: `python -m components.kubeflow.final_status EXECUTOR_INPUT`.

Kubeflow knows whether all tasks ended well; whether anything was pushed is in the run's report, which is looked up in
the published store. It prints one line of JSON. Where the environment says so, it tells others too:

    FINAL_STATUS_WEBHOOK   URL that the JSON is posted to; its "text" is what chat services show
    FINAL_STATUS_EMAIL     address that a message goes to, by way of
    FINAL_STATUS_SMTP      smtp://[user:password@]host[:port]; smtps:// for TLS from the start

These may be secrets, and are given to the pod as such (`[kubeflow.secrets]`). What cannot be delivered fails the task.
"""

from __future__ import annotations

import json
import os
import smtplib
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

from components.publishing.reports import PublishedReports
from components.report import wording
from components.report.folder import PAGE
from components.report.scorecard import Scorecard
from modules.command_line import DONE, one_line_errors
from modules.errors import InputError

_TIMEOUT = 30  # seconds
_SUCCEEDED = "SUCCEEDED"


@one_line_errors
def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Reports and returns the exit status."""
    values = json.loads(arguments[0])["inputs"]["parameterValues"]
    report = report_of(values["status"], *_looked_up(values.get("serving", ""), values.get("run", "")))
    sys.stdout.write(f"{json.dumps(report)}\n")
    if webhook := environment.get("FINAL_STATUS_WEBHOOK"):
        post(webhook, report)
    if address := environment.get("FINAL_STATUS_EMAIL"):
        mail(environment.get("FINAL_STATUS_SMTP", ""), address, report)
    return DONE


def report_of(
    status: Mapping[str, Any], scorecard: Scorecard | None = None, url: str = "", problem: str = ""
) -> dict[str, Any]:
    """What is said, in words of JSON.

    Args:
        status: a PipelineTaskFinalStatus.
        scorecard: of the run's report; None where there is none.
        url: where that report is.
        problem: why it could not be read.

    Returns:
        "state", as Kubeflow has it; "pipeline", the run's resource name; "error" where there was one; "verdict":
        "pushed", "refused", "failed", or "unknown" where a run succeeded without a report that can be read; "refused":
        every rule that said no, with the reason; "report", a URL; "text", a line with all that in it.
    """
    state, pipeline = status.get("state", "UNKNOWN"), status.get("pipelineJobResourceName", "")
    error = status.get("error", {}).get("message", "")
    text = f"{pipeline or 'run'}: {state}{f', {error}' if error else ''}"
    if scorecard:
        verdict, text = str(scorecard.run.verdict), f"{text}. {wording.verdict(scorecard)}"
    elif state == _SUCCEEDED:
        verdict, text = "unknown", f"{text}. Whether anything was pushed is not known: {problem or 'no report'}"
    else:
        verdict = "failed"
    refused = [f"{one.rule}: {wording.shortfall(one)}" for one in scorecard.run.refused] if scorecard else []
    return {
        "state": state,
        "pipeline": pipeline,
        "error": error,
        "verdict": verdict,
        "refused": refused,
        "report": url if scorecard else "",
        "text": " ".join(text.split()),
    }


def _looked_up(serving: str, run: str) -> tuple[Scorecard | None, str, str]:
    """The scorecard of a run, where its report is, and what was wrong with it: nothing is kept off by that."""
    if not serving or not run:
        return None, "", ""
    try:
        reports = PublishedReports(serving)
        return reports.scorecard(run), f"{reports.url(run)}/{PAGE}", ""
    except InputError as error:
        return None, "", str(error)


def post(url: str, report: Mapping[str, Any]) -> None:
    """Posts the report as JSON.

    Raises:
        InputError: the URL is not HTTP's, or who is there does not take it. The URL, a secret, is not shown.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise InputError("FINAL_STATUS_WEBHOOK", "a URL that begins with https:// or http://", "another one")
    body, kind = json.dumps(report).encode(), {"Content-Type": "application/json"}
    try:
        urllib.request.urlopen(urllib.request.Request(url, body, kind), timeout=_TIMEOUT).close()
    except urllib.error.HTTPError as error:
        raise InputError("FINAL_STATUS_WEBHOOK", "an address that takes reports", f"HTTP {error.code}") from None
    except OSError as error:
        raise InputError("FINAL_STATUS_WEBHOOK", "an address that can be reached", type(error).__name__) from None


def mail(server: str, address: str, report: Mapping[str, Any]) -> None:
    """Sends the report.

    Raises:
        InputError: the server is none, cannot be reached, or does not take it. Its password is not shown.
    """
    parts = urlsplit(server)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise InputError("FINAL_STATUS_SMTP", "smtp://host or smtps://host", parts.scheme or "nothing")
    message = EmailMessage()
    message["Subject"], message["To"], message["From"] = report["text"][:200], address, address
    message.set_content(json.dumps(report, indent=2))
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    try:
        with kind(parts.hostname, parts.port or 0, timeout=_TIMEOUT) as connection:
            if parts.username:
                if parts.scheme == "smtp":
                    connection.starttls()
                connection.login(unquote(parts.username), unquote(parts.password or ""))
            connection.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise InputError("FINAL_STATUS_SMTP", "a server that takes messages", type(error).__name__) from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
