"""Where assets come from: a simulated landscape, or files on this machine."""
