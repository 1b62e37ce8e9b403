"""Joins: when a parallel or inclusive gateway has what it needs (§13.4.1, §13.4.3)."""

from __future__ import annotations

from .ground import Ground
from .model import Node
from .standing import Token


class Joining(Ground):
    """The rules of joins."""

    def joinable(self, node: Node) -> list[int]:
        """The scopes in which a gateway may join now."""
        scopes = {token.scope for token in self.s.tokens.values() if token.node == node.id and token.flow is not None}
        ready = self.all_filled if node.kind == "parallelGateway" else self.need_not_wait
        return [scope for scope in scopes if ready(scope, node)]

    def filled(self, scope: int, node: Node) -> set[str]:
        return {str(token.flow) for token in self.inside(scope) if token.node == node.id and token.flow is not None}

    def all_filled(self, scope: int, node: Node) -> bool:
        """§13.4.1: one token on each incoming flow."""
        return len(self.filled(scope, node)) == len(self.model.incoming(node.id))

    def need_not_wait(self, scope: int, node: Node) -> bool:
        """§13.4.3: no token has a path to an empty incoming flow, not by the gateway, unless it also has one to a filled flow."""
        filled = self.filled(scope, node)
        for token in self.inside(scope):
            if token.up is not None or token.helps is not None or (token.node == node.id and token.flow is not None):
                continue
            reached = self.reached_from(token.node, node.id)
            if reached - filled and not reached & filled:
                return False
        return True

    def reached_from(self, node: str, gateway: str) -> set[str]:
        """The incoming flows of a gateway to which paths lead from a node (also by its boundary events) that do not visit the gateway."""
        found: set[str] = set()
        pending, visited = [node], set()
        while pending:
            here = pending.pop()
            if here in visited or here not in self.model.nodes:
                continue
            visited.add(here)
            one = self.model.nodes[here]
            pending += [*one.guards, *([one.link] if one.link else [])]
            for flow in self.model.outgoing(here):
                if flow.target == gateway:
                    found.add(flow.id)
                else:
                    pending.append(flow.target)
        return found

    def join(self, scope: int, node: Node) -> None:
        for flow in self.filled(scope, node):
            first = next(token for token in self.inside(scope) if token.flow == flow)
            del self.s.tokens[first.id]
        self.new(scope, node.id, "here")

    def is_join(self, token: Token) -> bool:
        node = self.model.nodes.get(token.node)
        return token.flow is not None and node is not None and node.kind in ("parallelGateway", "inclusiveGateway") and len(self.model.incoming(node.id)) > 1
