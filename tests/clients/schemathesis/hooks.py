"""Half of the requests that Schemathesis makes up speak of things that exist, so that more than refusals is checked."""

import json
import os
from collections import Counter

import schemathesis

# Names of path parameters, query parameters and body fields, with values that mean something to the server.
KNOWN: dict[str, list] = json.loads(os.environ["KNOWN"])
# The same for what is deleted, so that the rest stays there for the other operations.
DOOMED: dict[str, list] = json.loads(os.environ["DOOMED"])
# Only these may be deleted, suspended or lose their roles or password: the people of the run must stay signed in.
ENDS_A_SESSION = {
    "delete_user": os.environ["DOOMED_USER"],
    "suspend_user": os.environ["SPARE_USER"],
    "update_password": os.environ["SPARE_USER"],
    "update_user_roles": os.environ["SPARE_USER"],
}

_turns: Counter[str] = Counter()


def _fill(part, known: dict[str, list], turn: int) -> None:
    if isinstance(part, dict):
        for name in part.keys() & known.keys():
            part[name] = known[name][turn % len(known[name])]


@schemathesis.hook
def before_call(context, case, kwargs) -> None:
    turn = _turns[case.operation.label]
    _turns[case.operation.label] += 1
    if turn % 2 == 0:
        known = KNOWN | DOOMED if case.method == "DELETE" else KNOWN
        for part in (case.path_parameters, case.query, case.body):
            _fill(part, known, turn // 2)
    if user := ENDS_A_SESSION.get(case.operation.definition.raw.get("operationId")):
        case.path_parameters["user"] = user
