"""A region of a simulated landscape: its cubes without a server, what is true of it, and how well that is found."""
