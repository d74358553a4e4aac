"""How does the `ee` client work without Earth Engine? An engine for one machine.

A small server speaks the REST protocol to the unmodified client, evaluates the expression graphs that it
sends, and reads pixels from files or from a simulated landscape. See `README.md` here.
"""
