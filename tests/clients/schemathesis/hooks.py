"""Half of the requests that Schemathesis makes up speak of things that exist, so that more than refusals is checked."""

import json
import os
import re
from collections import Counter

import schemathesis

# Names of path parameters, query parameters and body fields, with values that mean something to the server. `{fresh}` in a
# value stands for a name that nothing has yet.
KNOWN: dict[str, list] = json.loads(os.environ["KNOWN"])
# What is deleted in place of those, so that they stay there for the other operations.
DOOMED: dict[str, list] = json.loads(os.environ["DOOMED"])
# Only these may be deleted, suspended or lose their roles or password: the people of the run must stay signed in.
ENDS_A_SESSION = {
    "delete_user": os.environ["DOOMED_USER"],
    "suspend_user": os.environ["SPARE_USER"],
    "update_password": os.environ["SPARE_USER"],
    "update_user_roles": os.environ["SPARE_USER"],
}

_turns: Counter[str] = Counter()


def _id(case) -> str:
    return case.operation.definition.raw["operationId"]


def _is_probe(case) -> bool:
    """Whether the request is made with a method that the operation does not have."""
    return case.method.upper() != case.operation.method.upper()


def _fill(part, known: dict[str, list], turn: int) -> None:
    if isinstance(part, dict):
        for name in sorted(part.keys() & known.keys()):
            value = known[name][turn % len(known[name])]
            if isinstance(value, str) and "{fresh}" in value:
                _turns["fresh"] += 1
                value = value.replace("{fresh}", f"{os.environ['FRESH']}{_turns['fresh']}")
            part[name] = value


@schemathesis.hook
def before_call(context, case, kwargs) -> None:
    # Where a redirect leads is not this server's.
    kwargs["allow_redirects"] = False
    if _is_probe(case):
        return
    turn = _turns[_id(case)]
    _turns[_id(case)] += 1
    if turn % 2 == 0:
        for part in (case.path_parameters, case.query, case.body):
            _fill(part, KNOWN, turn // 2)
    if case.operation.method.upper() == "DELETE":
        # Schemathesis tries ids from earlier answers as well, so this is not only about what was filled in above.
        for last in re.findall(r"\{(\w+)\}$", case.operation.path):
            if case.path_parameters.get(last) in KNOWN.get(last, []):
                case.path_parameters[last] = DOOMED[last][turn // 2 % len(DOOMED[last])]
    if user := ENDS_A_SESSION.get(_id(case)):
        case.path_parameters["user"] = user


@schemathesis.hook
def after_call(context, case, response) -> None:
    if not _is_probe(case):
        with open(os.environ["ANSWERS"], "a", encoding="utf-8") as answers:
            answers.write(f"{_id(case)} {response.status_code}\n")
