"""What is in the digest: the rules and the words. Imports nothing of ours outside itself."""
