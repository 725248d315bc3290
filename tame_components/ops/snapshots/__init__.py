"""Snapshots: stop -> copy -> start, always; then restic. And back again.

`core.Snapshots` is what other verbs call; the other files do one thing each. Nothing is imported
here, because the guardian of a running backup must be there at once.
"""
