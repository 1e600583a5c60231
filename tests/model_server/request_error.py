"""A request that cannot be answered, in the words of both protocols."""

from __future__ import annotations

from http import HTTPStatus

import grpc

_HTTP = {
    grpc.StatusCode.INVALID_ARGUMENT: HTTPStatus.BAD_REQUEST,
    grpc.StatusCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    grpc.StatusCode.FAILED_PRECONDITION: HTTPStatus.PRECONDITION_FAILED,
    grpc.StatusCode.RESOURCE_EXHAUSTED: HTTPStatus.TOO_MANY_REQUESTS,
    grpc.StatusCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}
_BY_NUMBER = {code.value[0]: code for code in grpc.StatusCode}


class RequestError(Exception):
    """What the caller is told."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code

    @classmethod
    def invalid(cls, message: str) -> RequestError:
        """The request itself is wrong."""
        return cls(grpc.StatusCode.INVALID_ARGUMENT, message)

    @classmethod
    def missing(cls, message: str) -> RequestError:
        """What it asks is not there."""
        return cls(grpc.StatusCode.NOT_FOUND, message)

    @classmethod
    def numbered(cls, number: int, message: str) -> RequestError:
        """Of a canonical status code, as TensorFlow's errors have it."""
        return cls(_BY_NUMBER[number], message)

    @property
    def http_status(self) -> HTTPStatus:
        """The same for REST."""
        return _HTTP.get(self.code, HTTPStatus.INTERNAL_SERVER_ERROR)
