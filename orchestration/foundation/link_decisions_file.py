"""Changes of `lake/policies/link_decisions.yml` that keep its comments, its order and all other decisions as they are.

Belongs here: the text of the file. Does not belong here: what a decision means, and when it is written.
"""

import json
from collections.abc import Sequence

import yaml

from orchestration.foundation.errors import GenomeError
from orchestration.foundation.link_decisions_policy import LinkDecision, LinkDecisionsPolicy

_KEY = "decisions"


class LinkDecisionsUneditable(GenomeError):
    """A file of decisions whose layout this command does not change."""

    @classmethod
    def of(cls, decision: LinkDecision, *, verb: str) -> "LinkDecisionsUneditable":
        """Return the error for a decision that could not be added or taken out."""
        return cls(
            f"link_decisions.yml is laid out in a way that this command does not change. Nothing was written; "
            f"{verb} by hand:\n{_entry(decision, indent='  ')}"
        )


class PairDecided(GenomeError):
    """A pair of records about which there is a decision, or none where one was asked for."""

    @classmethod
    def already(cls, decision: LinkDecision) -> "PairDecided":
        """Return the error for a pair that has a decision."""
        verb = "merge" if decision.decision == "must_link" else "split"
        one, other = decision.record_ids
        return cls(
            f"{one} and {other} have a decision already: {decision.decision}, by {decision.decided_by} on "
            f"{decision.decided_on} ({decision.reason}). A pair has one; to take it out, "
            f"`genome {verb} {one} {other} --withdraw`."
        )

    @classmethod
    def never(cls, decision: str, record_ids: Sequence[str]) -> "PairDecided":
        """Return the error for a pair that has no such decision."""
        return cls(
            f"there is no {decision} of {' and '.join(record_ids)} that could be withdrawn. Decisions are about "
            f"records: name the two as they stand in lake/policies/link_decisions.yml."
        )


def decision_about(policy: LinkDecisionsPolicy, record_ids: Sequence[str]) -> LinkDecision | None:
    """Return the decision about a pair of records, in any order, or None."""
    pair = set(record_ids)
    return next((each for each in policy.decisions if set(each.record_ids) == pair), None)


def with_decision(text: str, decision: LinkDecision) -> str:
    """Return the file's text with one more decision at its end.

    Raises:
        PairDecided: the pair has a decision.
        LinkDecisionsUneditable: the layout is not one that can be changed safely.
    """
    before = _policy(text)
    found = decision_about(before, decision.record_ids)
    if found:
        raise PairDecided.already(found)
    lines = text.splitlines()
    listed = _listed(text)
    if listed is None or not isinstance(listed, yaml.SequenceNode) or not listed.value:
        key = next((place for place, line in enumerate(lines) if line.startswith(f"{_KEY}:")), len(lines))
        lines[key : key + 1] = [f"{_KEY}:", *_entry(decision, indent="  ").splitlines()]
    else:
        after = _last_line(listed.value[-1]) + 1
        lines[after:after] = _entry(decision, indent=" " * listed.start_mark.column).splitlines()
    expected = LinkDecisionsPolicy(decisions=(*before.decisions, decision))
    return _checked(lines, text, expected, decision, verb="add")


def without_decision(text: str, decision: LinkDecision) -> str:
    """Return the file's text without a decision, and without the comment that stands directly above it.

    Raises:
        LinkDecisionsUneditable: the layout is not one that can be changed safely.
    """
    before = _policy(text)
    lines = text.splitlines()
    listed = _listed(text)
    place = before.decisions.index(decision)
    if isinstance(listed, yaml.SequenceNode) and len(listed.value) == len(before.decisions):
        item = listed.value[place]
        first = item.start_mark.line
        while lines[first - 1].lstrip().startswith("#") and lines[first - 1].startswith(" "):
            first -= 1
        del lines[first : _last_line(item) + 1]
        if len(before.decisions) == 1:
            lines = [f"{_KEY}: []" if line.rstrip() == f"{_KEY}:" else line for line in lines]
    rest = tuple(each for each in before.decisions if each != decision)
    return _checked(lines, text, LinkDecisionsPolicy(decisions=rest), decision, verb="take out")


def _policy(text: str) -> LinkDecisionsPolicy:
    document = yaml.safe_load(text) or {}
    return LinkDecisionsPolicy.model_validate({name: value for name, value in document.items() if value is not None})


def _listed(text: str) -> yaml.Node | None:
    """Return the node of all decisions, with its place in the text."""
    document = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = document.value if isinstance(document, yaml.MappingNode) else []
    return next((value for key, value in pairs if key.value == _KEY), None)


def _last_line(node: yaml.Node) -> int:
    """Return the number of the last line on which a node says something."""
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        return max(_last_line(value) for _, value in node.value)
    mark = node.end_mark
    return int(mark.line) - 1 if mark.column == 0 else int(mark.line)


def _entry(decision: LinkDecision, *, indent: str) -> str:
    """Return a decision as lines of YAML; texts are quoted as JSON, which YAML reads."""
    told = {
        "decision": decision.decision,
        "record_ids": json.dumps(list(decision.record_ids), ensure_ascii=False),
        "reason": json.dumps(decision.reason, ensure_ascii=False),
        "decided_by": json.dumps(decision.decided_by, ensure_ascii=False),
        "decided_on": decision.decided_on.isoformat(),
    }
    return "\n".join(
        f"{indent}{'- ' if place == 0 else '  '}{name}: {value}" for place, (name, value) in enumerate(told.items())
    )


def _checked(
    lines: Sequence[str], text: str, expected: LinkDecisionsPolicy, decision: LinkDecision, *, verb: str
) -> str:
    """Return the lines as a text that says what is expected and no other thing."""
    newline = "\r\n" if "\r\n" in text else "\n"
    changed = newline.join(lines) + newline
    try:
        found = _policy(changed)
    except (yaml.YAMLError, ValueError, AttributeError) as error:
        raise LinkDecisionsUneditable.of(decision, verb=verb) from error
    if found != expected or _listed(changed) is None:
        raise LinkDecisionsUneditable.of(decision, verb=verb)
    return changed
