"""The composition root: command line, event loop and windows."""
