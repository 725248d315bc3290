"""Stand-ins for the parts of Pulumi that a machine without a way to them cannot get.

Each is a plugin as Pulumi's engine knows them: an executable that prints its port and speaks gRPC.
`ci/toolchain` puts them on the path where, and only where, nothing official is to be had.
"""
