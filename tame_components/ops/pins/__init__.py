"""Pins: which releases there are, which digest each has, and moving from one to the next."""
