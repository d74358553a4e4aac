"""Where do assets come from? A simulated landscape, or files on this machine."""
