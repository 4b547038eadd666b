// Nothing: what it costs to have a script in a file of its own.
