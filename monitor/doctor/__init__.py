"""`policywatch doctor`: whether everything is there that watching needs, and what to do where it is not."""
