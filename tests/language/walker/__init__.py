"""Random diagrams, random paths through them, and a naive oracle that plays tokens on them by the text of BPMN 2.0.2.

`model` is the abstract diagram that all share; `tape` turns bytes into choices; `generator` builds models, `drawing` writes them as
BPMN, `oracle` plays them, `walk` walks through one with the kernel and holds the oracle beside it.
"""
