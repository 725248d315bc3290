"""What goes into a container beside its plain facts: the way out of TAME says it, too."""

from tame_components.compose.contents import Contents, File, contents, key_of, keys_of


__all__ = ["Contents", "File", "contents", "key_of", "keys_of"]
