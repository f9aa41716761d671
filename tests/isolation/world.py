"""Two firms in one portal, and what one of them may try on the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from chassis.auth import Caller
from chassis.operations import Operation, operations_of
from tests.isolation.attempts import Attempt, attempts_on, faults_of
from tests.isolation.firms import STAFF, Firm, of_the_second_company, tenants_people
from tests.isolation.matrix import Id, Line
from tests.isolation.portal import Portal


@dataclass(frozen=True)
class World:
    """A portal with two firms in it."""

    portal: Portal
    ours: Firm
    theirs: Firm
    record: Mapping[str, UUID]
    """Of the publisher's own, what customers may read: ids by their name."""

    def own(self, each: Id) -> UUID:
        """One's own id of this kind."""
        return self.record[each.name] if each.kind == "record" else self.ours.ids[each.kind][0]

    def operation(self, line: Line) -> Operation:
        """The operation of a line."""
        found = operations_of(self.portal.app(line.service))
        return next(each for each in found if each.operation_id == line.operation_id)

    def attempts(self, line: Line) -> list[Attempt]:
        """All of the other firm's that ours may try, and of our second company's that the first one may.

        The publisher's staff may name any customer: they try one firm's customer id with the other's things.
        """
        operation = self.operation(line)
        theirs = {kind: ids[0] for kind, ids in self.theirs.ids.items()}
        mixed = {kind: id_ for kind, id_ in theirs.items() if kind != "customer"}
        found: list[Attempt] = []
        for role, caller in (tenants_people(self.ours) | STAFF).items():
            if role not in line.may:
                continue
            foreign = mixed if role in STAFF else theirs
            found += self._tried(line, operation, caller, foreign)
            if caller.company_id:
                found += self._tried(line, operation, caller, of_the_second_company(self.ours))
        return found

    def _tried(
        self, line: Line, operation: Operation, caller: Caller, foreign: Mapping[str, UUID]
    ) -> list[Attempt]:
        return list(attempts_on(line, operation, caller, self.ours, foreign))

    async def faults(self, line: Line) -> list[str]:
        """What is wrong with the answers to all attempts on one operation."""
        hidden = self.theirs.marks
        return [fault for each in self.attempts(line) for fault in await faults_of(self.portal, each, hidden)]
