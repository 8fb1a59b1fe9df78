"""Coroutines that stand between sources and view models; no Qt."""
