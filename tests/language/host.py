"""The one host in memory that the tests of the language play diagrams on: the product's own `engine.trial`, by its old names."""

from __future__ import annotations

from engine.trial import Handler
from engine.trial import Trial as Host
from engine.trial import TrialInstance as HostInstance

__all__ = ["Handler", "Host", "HostInstance"]
