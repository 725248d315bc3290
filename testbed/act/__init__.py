"""The workflows of `.github/`, run on this machine: `python -m testbed.act --help`, or `ci/act`.

The runner is act (https://nektosact.com) in host mode, so each `run:` step is the real script in a
fresh copy of the checkout. What only the hosted service has is played: two actions, and the part of
its API that keeps a comment. The stacks are rehearsals with a registry of their own.
"""
