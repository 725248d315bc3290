"""Promotion and rollback: a release that is proved runs, or what ran before does.

`phases` says how far a change has come and `history` what ran before, as pure facts; `places` keeps
both on disk; `planning` says what would be touched; `run` and `rolling` look and ask;
`transaction` does it; `undoing` takes it back; `back` is what both ways back have in common.
"""
