"""The gate: what a release has to show on the sandbox before prod may run it.

One file per check; `registry` lists them; `run` makes the evidence; `record` keeps and signs it.
"""
