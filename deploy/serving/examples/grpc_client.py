"""Asks every signature over gRPC. Needs tensorflow and tensorflow-serving-api.

python grpc_client.py [HOST:PORT]
"""

import sys

import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc


def ask(server, signature, **inputs):
    """The outputs of a signature, as arrays."""
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "recommender"
    request.model_spec.signature_name = signature
    for name, value in inputs.items():
        dtype = tf.int32 if name == "k" else tf.string
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value, dtype))
    response = server.Predict(request, timeout=10)
    return {name: tf.make_ndarray(value) for name, value in response.outputs.items()}


def example(**columns):
    """A serialised tf.train.Example; the names and types are those of your schema."""
    features = {}
    for name, values in columns.items():
        if isinstance(values[0], str):
            encoded = tf.train.BytesList(value=[value.encode() for value in values])
            features[name] = tf.train.Feature(bytes_list=encoded)
        elif isinstance(values[0], int):
            features[name] = tf.train.Feature(int64_list=tf.train.Int64List(value=values))
        else:
            features[name] = tf.train.Feature(float_list=tf.train.FloatList(value=values))
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString(deterministic=True)


SOMEBODY = example(age=[30], device=["phone"], history=["i00001", "i00002"])
SOMETHING = example(description=["light boots for long walks"], categories=["Outdoor"])
REQUESTS = [
    ("serving_default", {"user_id": ["u000001", "nobody"]}),
    ("recommend", {"user_id": ["u000001"], "history": [["i00001", ""]], "exclude": [["i00002"]], "k": 5}),
    ("retrieval", {"user_id": ["u000001"], "history": [[""]], "exclude": [[""]], "k": 3}),
    ("similar_items", {"item_id": ["i00001"], "k": 3}),
    ("score", {"user_id": ["u000001", "u000001"], "item_id": ["i00001", "i00002"]}),
    ("serve_examples", {"examples": [SOMEBODY]}),
    ("items_like", {"examples": [SOMETHING], "k": 3}),
]

if __name__ == "__main__":
    with grpc.insecure_channel(sys.argv[1] if len(sys.argv) > 1 else "localhost:8500") as channel:
        recommender = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        for signature, inputs in REQUESTS:
            print(signature)
            for name, values in sorted(ask(recommender, signature, **inputs).items()):
                texts = np.char.decode(values.astype(bytes)) if values.dtype == object else values
                print(" ", name, texts.tolist())
