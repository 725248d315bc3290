"""What TAME costs: measured beside a flat Pulumi program and `docker compose`, in one run.

`python -m bench [services|policies|growth|dev ...] [--quick] [--write]`. Never a timed test.
"""
