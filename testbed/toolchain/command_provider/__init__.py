"""A stand-in for Pulumi's command plugin, run by `python -m testbed.toolchain.command_provider`.

It knows `command:local:Command`, says what a change would do as the official plugin 1.2.1 was
recorded to say it (tests/toolchain/recordings), and `command:remote:Command` by its schema, run by
the `ssh` program; it refuses the rest by name.

Two things it does better, for a rehearsal may not leak either: values that Pulumi marks as secret
are struck out of logs and errors, and whoever cancels ends the command's whole process group.
"""
