"""The picture of a topology. Pure: the same topology gives the same text, byte for byte."""
