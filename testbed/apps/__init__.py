"""Stand-ins of the applications: they answer as the real ones do, and keep real databases.

They run inside containers on a bare interpreter, so this package imports the standard library only
(and `override`, which the image brings as a file of one function).
`python -m testbed.apps PLACE.json` runs one without a container.
"""
