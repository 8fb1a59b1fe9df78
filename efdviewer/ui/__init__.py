"""Panels and windows of QtWidgets; no data logic."""
