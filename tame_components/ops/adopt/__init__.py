"""Taking over a running Compose stack with its state, keys and ids: look, plan, carry out.

Nothing here keeps a journal: what was done is seen on the engine, in the settings file and in the
state directories, so that a second run, after whatever ended the first, goes on from there.
"""
