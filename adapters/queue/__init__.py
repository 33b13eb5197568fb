"""Queues: what says when there is something to send. Both fulfil ``bot.ports.Queue`` and pass one contract suite."""
