"""The spiders: what is asked for, and what becomes of each answer."""
