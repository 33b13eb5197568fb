"""What the contract suite of chat folders stands on: the platforms, and everything that Convenor says and asks."""
