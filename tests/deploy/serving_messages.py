"""The two messages of TensorFlow Serving's configuration that `tensorflow-serving-api` does not bring.

Field by field as in its session_bundle_config.proto and monitoring_config.proto.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, wrappers_pb2

_WRAPPED = {"int64": ".google.protobuf.Int64Value", "string": ".google.protobuf.StringValue"}
_FIELD = descriptor_pb2.FieldDescriptorProto


def _file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(
        name="serving_configuration_for_tests.proto", package="serving_tests", syntax="proto3"
    )
    file.dependency.append(wrappers_pb2.DESCRIPTOR.name)
    batching = file.message_type.add(name="BatchingParameters")
    wrapped = ("max_batch_size", "batch_timeout_micros", "max_enqueued_batches", "num_batch_threads")
    for number, name in enumerate(wrapped, start=1):
        batching.field.add(
            name=name, number=number, type=_FIELD.TYPE_MESSAGE, type_name=_WRAPPED["int64"], label=_FIELD.LABEL_OPTIONAL
        )
    batching.field.add(
        name="thread_pool_name",
        number=5,
        type=_FIELD.TYPE_MESSAGE,
        type_name=_WRAPPED["string"],
        label=_FIELD.LABEL_OPTIONAL,
    )
    batching.field.add(name="allowed_batch_sizes", number=6, type=_FIELD.TYPE_INT64, label=_FIELD.LABEL_REPEATED)
    batching.field.add(name="pad_variable_length_inputs", number=7, type=_FIELD.TYPE_BOOL, label=_FIELD.LABEL_OPTIONAL)
    prometheus = file.message_type.add(name="PrometheusConfig")
    prometheus.field.add(name="enable", number=1, type=_FIELD.TYPE_BOOL, label=_FIELD.LABEL_OPTIONAL)
    prometheus.field.add(name="path", number=2, type=_FIELD.TYPE_STRING, label=_FIELD.LABEL_OPTIONAL)
    file.message_type.add(name="MonitoringConfig").field.add(
        name="prometheus_config",
        number=1,
        type=_FIELD.TYPE_MESSAGE,
        type_name=".serving_tests.PrometheusConfig",
        label=_FIELD.LABEL_OPTIONAL,
    )
    return file


def _message(name: str) -> Any:
    pool = descriptor_pool.DescriptorPool()
    wrappers = descriptor_pb2.FileDescriptorProto()
    wrappers_pb2.DESCRIPTOR.CopyToProto(wrappers)
    pool.Add(wrappers)
    pool.Add(_file())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"serving_tests.{name}"))


BatchingParameters, MonitoringConfig = _message("BatchingParameters"), _message("MonitoringConfig")
