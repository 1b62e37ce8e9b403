"""Random diagrams, random paths through them, and a naive oracle that plays tokens on them by the text of BPMN 2.0.2.

`model` is the abstract diagram that all share; `tape` turns bytes into choices; `generator` builds models, `drawing` writes them as
BPMN. `standing` is how everything may stand, `oracle` plays on it by the rules of `ground`, `joining` and `catching`, `story` follows
with every state that explains what was seen. `walk` walks through a diagram with the kernel and holds the oracle beside it; `twin` does the
same on the real engine, whose history must then prove itself.
"""
