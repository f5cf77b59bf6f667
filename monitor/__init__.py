"""Reading policies, comparing their versions, and telling people what a change means."""
