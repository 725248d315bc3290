"""A sandbox in a virtual machine, from nothing and back to nothing: `make vm`, or `ci/vm`.

QEMU runs Debian with Docker in it, reached over ssh on loopback; the stack is deployed there, its
host prepared, and the gate asked, as with any other machine behind `ssh://`.
"""
