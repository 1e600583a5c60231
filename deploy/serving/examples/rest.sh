#!/usr/bin/env bash
# Asks every signature over REST. bash rest.sh [http://HOST:PORT]
set -euo pipefail
server=${1:-http://localhost:8501}
ask() { curl --silent --show-error --fail-with-body "$server/v1/models/recommender:predict" --data "$1" && echo; }

ask '{"signature_name": "serving_default", "inputs": {"user_id": ["u000001", "nobody"]}}'
ask '{"signature_name": "recommend", "inputs": {"user_id": ["u000001"], "history": [["i00001", ""]], "exclude": [["i00002"]], "k": 5}}'
ask '{"signature_name": "retrieval", "inputs": {"user_id": ["u000001"], "history": [[""]], "exclude": [[""]], "k": 3}}'
ask '{"signature_name": "similar_items", "inputs": {"item_id": ["i00001"], "k": 3}}'
ask '{"signature_name": "score", "inputs": {"user_id": ["u000001", "u000001"], "item_id": ["i00001", "i00002"]}}'
ask '{"signature_name": "serve_examples", "inputs": {"examples": [{"b64": "CkIKDAoDYWdlEgUaAwoBHgoTCgZkZXZpY2USCQoHCgVwaG9uZQodCgdoaXN0b3J5EhIKEAoGaTAwMDAxCgZpMDAwMDI="}]}}'
ask '{"signature_name": "items_like", "inputs": {"examples": [{"b64": "CkoKGQoKY2F0ZWdvcmllcxILCgkKB091dGRvb3IKLQoLZGVzY3JpcHRpb24SHgocChpsaWdodCBib290cyBmb3IgbG9uZyB3YWxrcw=="}], "k": 3}}'
