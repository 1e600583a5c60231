"""The task that says how a run ended: `python -m components.kubeflow.final_status EXECUTOR_INPUT`.

It prints one line of JSON. Where the environment says so, it tells others too:

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

from modules.command_line import DONE, one_line_errors
from modules.errors import InputError

_TIMEOUT = 30  # seconds


@one_line_errors
def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Reports and returns the exit status."""
    report = report_of(json.loads(arguments[0]))
    sys.stdout.write(f"{json.dumps(report)}\n")
    if webhook := environment.get("FINAL_STATUS_WEBHOOK"):
        post(webhook, report)
    if address := environment.get("FINAL_STATUS_EMAIL"):
        mail(environment.get("FINAL_STATUS_SMTP", ""), address, report)
    return DONE


def report_of(executor_input: Mapping[str, Any]) -> dict[str, str]:
    """What is said: "state", "pipeline" (the run's resource name), "error" where there was one, and "text".

    Args:
        executor_input: with a PipelineTaskFinalStatus as its parameter "status".
    """
    status = executor_input["inputs"]["parameterValues"]["status"]
    state, run = status.get("state", "UNKNOWN"), status.get("pipelineJobResourceName", "")
    error = status.get("error", {}).get("message", "")
    text = f"{run or 'run'}: {state}{f', {error}' if error else ''}"
    return {"state": state, "pipeline": run, "error": error, "text": text}


def post(url: str, report: Mapping[str, str]) -> None:
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


def mail(server: str, address: str, report: Mapping[str, str]) -> None:
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
