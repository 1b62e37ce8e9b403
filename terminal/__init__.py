"""What the command line needs beside `cli.py`: sessions, output, prompts, languages, and the commands by group.

Imports `engine` and `handlers`; nothing imports it but `cli.py`. Costly imports (rich, jsonschema, the engine's storage) sit inside
functions everywhere in this package, so that `jianyi --help` stays quick.
"""
