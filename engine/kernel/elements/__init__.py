"""The element classes: each derives from SpiffWorkflow's and holds the token semantics of its kind in a few lines.

They speak the protocol of `base.Node`, which only our machine calls; SpiffWorkflow's own run time never does.
Importing this package imports SpiffWorkflow, so only loading a diagram does it.
"""
