"""Measurements that are published; nothing imports them."""
