"""The client of a Kubeflow Pipelines API server: where it is, how long to wait, what it complains about."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import kfp
import kfp_server_api
import urllib3

from modules.errors import InputError


@dataclasses.dataclass(frozen=True)
class Address:
    """Where the server is and who asks, from the environment.

    Attributes:
        host: URL; empty: the cluster of the current kubectl context, or the one that this process runs in.
        namespace: of a multi-user installation.
        token: a bearer token; empty: none.
        ca_file: certificate authority of the server; empty: the system's.
    """

    host: str = ""
    namespace: str = ""
    token: str = ""
    ca_file: str = ""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Address:
        """From KFP_HOST, KFP_NAMESPACE, KFP_TOKEN and KFP_CA_FILE."""
        return cls(*(environment.get(f"KFP_{name}", "") for name in ("HOST", "NAMESPACE", "TOKEN", "CA_FILE")))


class ApiClient(kfp.Client):
    """KFP's client, which by itself waits for ever, and tries a server five times that it cannot speak to.

    Args:
        address: of the server.
        timeout: seconds to wait for each answer.
    """

    def __init__(self, address: Address, timeout: float) -> None:
        self._timeout = timeout
        super().__init__(
            host=address.host or None,
            namespace=address.namespace or "kubeflow",
            existing_token=address.token or None,
            ssl_ca_cert=address.ca_file or None,
        )
        self._bound_waiting()

    def get_kfp_healthz(self, sleep_duration: int = 0) -> Any:
        """Asks once, so that what is wrong is said."""
        self._bound_waiting()
        return self._healthz_api.healthz_service_get_healthz()

    def _bound_waiting(self) -> None:
        rest = self._healthz_api.api_client.rest_client
        if "request" not in vars(rest):
            rest.request = _within(rest.request, self._timeout)


@contextlib.contextmanager
def one_line_complaints(place: str) -> Iterator[None]:
    """Says in one line what the server, or the way to it, complains about; keeps the client's chatter off.

    Args:
        place: what the server is called.

    Raises:
        InputError: the server cannot be reached, does not answer in time or refuses.
    """
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    except kfp_server_api.ApiException as error:
        raise InputError(place, "a server that takes the request", _complaint(error)) from error
    except (urllib3.exceptions.HTTPError, TimeoutError, _no_cluster()) as error:
        raise InputError(place, "a server that answers", _reason(error)) from error


def _no_cluster() -> type[Exception]:
    """What the client raises where it finds no cluster to speak to."""
    from kubernetes.config.config_exception import ConfigException

    found: type[Exception] = ConfigException
    return found


def _within(request: Callable[..., Any], seconds: float) -> Callable[..., Any]:
    """The same request, which waits for so long at most."""

    def ask(*arguments: Any, **options: Any) -> Any:
        return request(*arguments, **{**options, "_request_timeout": (seconds, seconds)})

    return ask


def _complaint(error: Any) -> str:
    """The status, and what the server says in its body."""
    body = error.body.decode("utf-8", "replace") if isinstance(error.body, bytes) else error.body
    try:
        said = json.loads(body or "{}")
    except ValueError:
        said = body
    message = (said.get("message") or said.get("error") or "") if isinstance(said, dict) else said
    return f"HTTP {error.status} {error.reason}{f': {message}' if message else ''}"


def _reason(error: BaseException) -> str:
    """The innermost reason: urllib3 wraps what happened in the times that it tried."""
    inner = getattr(error, "reason", None)
    return _reason(inner) if isinstance(inner, Exception) else f"{type(error).__name__}: {error}"
