"""Compose files, read without running anything: judged, turned into settings, and written.

Below the command line, above the rules and the catalog; needs neither Docker nor Pulumi.
"""
