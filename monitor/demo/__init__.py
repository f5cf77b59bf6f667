"""The whole job on one machine, offline: policies that live through several versions, and what is told of it."""
