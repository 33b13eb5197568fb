"""One module per journey: a handler reads an Ask, calls one service, returns a Reply. The sentences stand beside it."""
