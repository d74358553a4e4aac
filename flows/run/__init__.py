"""How does a run live? Its server, workers, log, progress, state and end."""
