"""A Python language host for the real Pulumi CLI, where the official one is out of reach.

Runs programs and policy packs with the interpreter of the `virtualenv` runtime option. Does what
`preview`, `up`, `refresh`, `destroy`, `import`, `about` and policy packs ask for; converting,
templates, package generation and the debugger are left to the official one.
"""
