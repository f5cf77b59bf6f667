"""The Wayback Machine, and archives that speak like it: what they list, and the bytes that they keep."""
