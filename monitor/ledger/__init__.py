"""The ledger: what a document commits to, since when, and what became of each commitment over its history."""
