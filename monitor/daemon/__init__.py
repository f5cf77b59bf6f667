"""`policywatch run`: keeps time, has documents checked and alerts sent, and answers operators; one event loop."""
