"""Talks with people and wires everything together."""
