"""How is a run executed? Its server, workers, log, progress, state and end."""
