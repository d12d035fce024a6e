"""What stands behind each gate, computed from the graph of the definitions and not from what a run did."""

from collections.abc import Mapping
from dataclasses import dataclass

import dagster as dg


@dataclass(frozen=True)
class Boundaries:
    """Which step makes each asset, and which steps wait for which."""

    step_of: Mapping[dg.AssetKey, str]
    steps_after: Mapping[str, frozenset[str]]
    gates: Mapping[str, frozenset[dg.AssetKey]]

    @classmethod
    def of(cls, definitions: dg.Definitions) -> "Boundaries":
        """Return the boundaries of an installation."""
        graph = definitions.resolve_asset_graph()
        step_of = {key: graph.get(key).assets_def.op.name for key in graph.executable_asset_keys}
        after: dict[str, set[str]] = {step: set() for step in step_of.values()}
        for key, step in step_of.items():
            after[step] |= {step_of[child] for child in graph.get(key).child_keys} - {step}
        gates = {
            gate.op.name.removeprefix("gate_"): frozenset(check.asset_key for check in gate.check_keys)
            for gate in definitions.asset_checks or ()
            if isinstance(gate, dg.AssetChecksDefinition)
        }
        return cls(step_of, {step: frozenset(found) for step, found in after.items()}, gates)

    def steps_behind(self, gate: str) -> frozenset[str]:
        """Return every step that needs, directly or through others, what the gate checks."""
        waiting = {self.step_of[key] for key in self.gates[gate]}
        found: set[str] = set()
        while waiting:
            waiting = {step for each in waiting for step in self.steps_after[each]} - found
            found |= waiting
        return frozenset(found)

    def assets_behind(self, gate: str) -> frozenset[dg.AssetKey]:
        """Return every asset that such a step makes."""
        behind = self.steps_behind(gate)
        return frozenset(key for key, step in self.step_of.items() if step in behind)
