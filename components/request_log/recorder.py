"""Stands in front of a model server and logs what is asked over gRPC. A runner: it reads flags and serves.

python -m components.request_log.recorder --server localhost:8500 --port 8510 --log runs/request-logs --rate 0.1

Stock TensorFlow Serving cannot log requests (https://github.com/tensorflow/serving/issues/408). Clients ask this port
in its place: requests and answers pass unchanged, and a share of them goes into TFRecord files of PredictionLogs, as a
server with a log collector would write them.
"""

from __future__ import annotations

import signal
import sys
import threading
from concurrent import futures
from typing import Any

import grpc
from tensorflow_serving.apis import prediction_service_pb2_grpc

from modules.command_line import DONE, OneLineParser, one_line_errors
from modules.errors import InputError
from modules.serving.request_log import RequestLog

_ANY_SIZE = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
_TIMEOUT = 60.0


class Recorder(prediction_service_pb2_grpc.PredictionServiceServicer):
    """PredictionService, answered by another server.

    Args:
        server: address of that server.
        log: what is answered goes there.
    """

    def __init__(self, server: str, log: RequestLog) -> None:
        self._channel = grpc.insecure_channel(server, options=_ANY_SIZE)
        self._stub = prediction_service_pb2_grpc.PredictionServiceStub(self._channel)
        self._log = log

    def Predict(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Passed on and logged."""
        response = self._passed_on(self._stub.Predict, request, context)
        self._log.add(request, response)
        return response

    def GetModelMetadata(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Passed on."""
        return self._passed_on(self._stub.GetModelMetadata, request, context)

    def _passed_on(self, ask: Any, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return ask(request, timeout=min(context.time_remaining() or _TIMEOUT, _TIMEOUT))
        except grpc.RpcError as error:
            context.abort(error.code(), error.details())


def recording_server(server: str, log: RequestLog, address: str) -> tuple[grpc.Server, int]:
    """A started server and its port.

    Args:
        server: that answers.
        log: of the requests.
        address: HOST:PORT to listen at; port 0 for any that is free.
    """
    recorder = grpc.server(futures.ThreadPoolExecutor(16), options=_ANY_SIZE)
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(Recorder(server, log), recorder)
    port = recorder.add_insecure_port(address)
    recorder.start()
    return recorder, port


@one_line_errors
def main(arguments: list[str]) -> int:
    """Records until it is asked to end; returns the exit status."""
    parser = OneLineParser(prog="python -m components.request_log.recorder", description=__doc__)
    parser.add_argument("--server", metavar="HOST:PORT", default="localhost:8500", help="that answers")
    parser.add_argument("--host", default="127.0.0.1", help="to listen at (default: this machine alone)")
    parser.add_argument("--port", type=int, default=8510, help="to listen at")
    parser.add_argument("--log", metavar="DIR", required=True, help="where the files go")
    parser.add_argument("--rate", type=float, default=1.0, help="share of the requests that is logged, 0 to 1")
    flags = parser.parse_args(arguments)
    if not 0 <= flags.rate <= 1:
        raise InputError("--rate", "a number from 0 to 1", flags.rate)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    log = RequestLog(f"{flags.log}/recommender", flags.rate)
    recorder, port = recording_server(flags.server, log, f"{flags.host}:{flags.port}")
    sys.stdout.write(f"recording at {flags.host}:{port}\n")
    sys.stdout.flush()
    ended.wait()
    recorder.stop(5).wait()
    log.close()
    return DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
