"""State of each panel, on QtCore alone: intent goes down, signals come up."""
