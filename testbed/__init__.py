"""The rehearsal: real Docker, stand-in applications and providers. Nothing but tests imports it."""
