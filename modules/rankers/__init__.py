"""The ranking model: encodings of queries and candidates, and the kinds of judges of a pair, one a file.

It comes apart in three, so that the servable encodes each item of the catalogue once, ahead of time, and a request only
its query: `QueryEncoder`, `CandidateEncoder` and `Judge`.
"""
