"""What is held about people, for how long, and what they can do about it; and who did what for the network."""
