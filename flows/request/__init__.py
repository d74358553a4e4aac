"""What was asked for? Requests, their schema, choices, and files that a user names."""
