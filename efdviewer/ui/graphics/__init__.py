"""Items drawn inside plots, on pyqtgraph."""
