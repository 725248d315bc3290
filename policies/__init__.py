"""The policy pack: the rules of `tame_components.rules`, judged inside `pulumi preview` and `up`.

`__main__` serves it; `pack` lists the policies; `facts` reads a resource's properties; `session`
keeps what one run of the engine says. The other files mirror the families of the rules.
"""
