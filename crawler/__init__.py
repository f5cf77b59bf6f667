"""Fetching: from an address to a capture, and from a capture to the text of the policy."""
