"""What does the user request? Requests, their schema, choices, and the files that they name."""
