"""Alerts: which changes go where, what the messages say, and how they get there."""
