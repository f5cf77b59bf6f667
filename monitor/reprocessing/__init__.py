"""History read again after our rules changed: what they alter is never told as a change of the site."""
