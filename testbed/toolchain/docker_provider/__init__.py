"""A stand-in for Pulumi's docker plugin, run by `python -m testbed.toolchain.docker_provider`.

It knows `Network`, `Volume`, `RemoteImage` and `Container`, says what a change would do as the
official plugin 5.1 was recorded to say it (tests/toolchain/recordings), does no more and no less
to a container than that plugin does, and refuses by name what it does not know. It starts images
with the label `tame.stand-in` only.

Facts about the official plugin: the recordings where they reach, else its documented source
(`pulumi-docker` 5.1.0, built on `terraform-provider-docker` 4.5.0), read on 2026-11-21.
"""
