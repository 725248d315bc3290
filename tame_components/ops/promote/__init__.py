"""Promotion: a release that the sandbox proved reaches prod, or prod stays as it was.

`phases` says how far a promotion has come, as pure facts; `places` keeps that on disk; `planning`
says what would be touched; `run` does it; `undoing` takes it back.
"""
