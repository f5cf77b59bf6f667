"""What is kept, in formats that others read; every export goes on where an earlier one was interrupted."""
