"""The running system, one verb per file. Knows Docker and the applications; Pulumi as a command."""
