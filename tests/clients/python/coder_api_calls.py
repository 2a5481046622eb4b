"""The Python bindings of the Coder API against a running Chancery: users, organizations and tokens.

The bindings have no calls for groups and none that update an organization, nor a layer below their calls to make them with.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable
from importlib.metadata import version

import coder
import requests

URL = os.environ["CHANCERY_URL"]
PASSWORD = os.environ["CHANCERY_PASSWORD"]
OWNER = os.environ["CHANCERY_USERNAME"]
# The bindings' lifetime is in a field that the contract does not have; it lives the default 30 days.
THIRTY_DAYS = 30 * 24 * 3600


def sign_in(email: str) -> requests.Response:
    return requests.post(f"{URL}/api/v2/users/login", json={"email": email, "password": PASSWORD}, timeout=30)


def expect(answer: requests.Response, status: int):
    """The answer's JSON, of an answer with this status."""
    assert answer.status_code == status, f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None


def usernames() -> set[str]:
    return {user["username"] for user in expect(coder.User.list(), 200)["users"]}


def default_organization() -> str:
    (found,) = [each for each in expect(coder.Organization.list(), 200) if each["is_default"]]
    return found["id"]


def create_user(username: str, **fields) -> requests.Response:
    """The bindings know no password, so only people who sign in elsewhere, or not at all, can be made."""
    fields = {"login_type": "none", "organization_ids": [default_organization()]} | fields
    return coder.User.create(email=f"{username}@example.com", name="A Person", username=username, **fields)


def users() -> None:
    made = expect(create_user("anna"), 201)
    assert made["login_type"] == "none" and made["name"] == "A Person" and made["status"] == "dormant", made
    assert made["organization_ids"] == [default_organization()], made
    for spelling in ("anna", made["id"]):
        assert expect(coder.User.get(spelling), 200)["id"] == made["id"]
    assert usernames() == {OWNER, "anna"}
    found = coder.User.get_or_create(
        email="anna@example.com", name="", username="anna", login_type="none", organization_ids=[default_organization()]
    )
    assert expect(found, 200)["id"] == made["id"]


def invalid_users() -> None:
    taken = expect(create_user("anna"), 409)
    assert {"username", "email"} & {each["field"] for each in taken["validations"]}, taken
    for field, fields in {
        "username": {"username": "not a name"},
        "organization_ids": {"organization_ids": []},
        # Left out, the login type is `password`, and the bindings send none.
        "password": {"login_type": None, "disable_login": False},
        "disable_login": {"login_type": "oidc"},
    }.items():
        refused = expect(create_user(**({"username": "berta"} | fields)), 400)
        assert field in {each["field"] for each in refused["validations"]}, refused
    assert usernames() == {OWNER, "anna"}


def users_without_login() -> None:
    """Unless told otherwise, the bindings send no login type, and the older `disable_login`."""
    made = coder.User.create(
        email="robot@example.com", name="", username="robot", organization_ids=[default_organization()]
    )
    assert expect(made, 201)["login_type"] == "none"
    expect(coder.User.delete("robot"), 200)


def statuses() -> None:
    assert expect(coder.User.activate("anna"), 200)["status"] == "active"
    assert expect(coder.User.suspend("anna"), 200)["status"] == "suspended"
    assert expect(coder.User.get("anna"), 200)["status"] == "suspended"
    assert expect(coder.User.activate("anna"), 200)["status"] == "active"


def deletion() -> None:
    expect(coder.User.delete("anna"), 200)
    expect(coder.User.get("anna"), 404)
    assert usernames() == {OWNER}


def auth_methods() -> None:
    assert expect(coder.User.auth_methods(), 200)["password"]["enabled"] is True


def organizations() -> None:
    made = expect(coder.Organization.create("crew", display_name="The Crew", description="who sails", icon="/x.svg"), 201)
    assert [made[name] for name in ("name", "display_name", "description", "icon")] == ["crew", "The Crew", "who sails", "/x.svg"]
    for spelling in ("crew", made["id"]):
        assert expect(coder.Organization.get(spelling), 200) == made
    assert {each["name"] for each in expect(coder.Organization.list(), 200)} >= {"crew"}
    assert made["id"] in {each["id"] for each in expect(coder.User.get_organizations("me"), 200)}
    expect(coder.Organization.create("crew"), 409)
    refused = expect(coder.Organization.create("not a name"), 400)
    assert "name" in {each["field"] for each in refused["validations"]}, refused
    expect(coder.Organization.delete(made["id"]), 200)
    expect(coder.Organization.get(made["id"]), 404)
    expect(coder.Organization.delete(default_organization()), 400)


def with_token(token: str, call: Callable[[], requests.Response]) -> requests.Response:
    mine = coder.token
    coder.set_token(token)
    try:
        return call()
    finally:
        coder.set_token(mine)


def tokens() -> None:
    secret = expect(coder.User.create_token("me", token_name="laptop", lifetime_seconds=3600), 201)["key"]
    by_name = expect(coder.User.get_token("me", key_name="laptop"), 200)
    assert by_name["token_name"] == "laptop" and by_name["scope"] == "all" and by_name["login_type"] == "token", by_name
    assert by_name["lifetime_seconds"] == THIRTY_DAYS, by_name
    by_id = expect(coder.User.get_token("me", token_id=by_name["id"]), 200)
    assert by_id["id"] == by_name["id"] == secret.split("-")[0]
    assert [each["id"] for each in expect(coder.User.get_tokens("me"), 200)] == [by_name["id"]]
    expect(coder.User.create_token("me", token_name="laptop"), 409)
    expect(coder.User.create_token("me", token_name="desk", scope="everything"), 400)
    assert expect(with_token(secret, lambda: coder.User.get("me")), 200)["username"] == OWNER
    expect(coder.User.delete_token("me", by_name["id"]), 204)
    expect(with_token(secret, lambda: coder.User.get("me")), 401)
    expect(coder.User.get_token("me", key_name="laptop"), 404)
    assert expect(coder.User.get_tokens("me"), 200) == []


def session_keys() -> None:
    key = expect(coder.User.create_session_key("me"), 201)["key"]
    assert expect(with_token(key, lambda: coder.User.get("me")), 200)["username"] == OWNER
    expect(coder.User.delete_token("me", key.split("-")[0]), 204)
    expect(with_token(key, lambda: coder.User.get("me")), 401)


def refusals() -> None:
    expect(with_token("0123456789-0123456789012345678901", coder.User.list), 401)
    expect(coder.User.get("nobody"), 404)
    expect(coder.Organization.get("nowhere"), 404)


CHECKS = {
    "users are made, read, listed and found again": users,
    "a taken or wrong field is refused and named": invalid_users,
    "users who never sign in are made": users_without_login,
    "users are activated and suspended": statuses,
    "a deleted user is gone": deletion,
    "the ways to sign in are listed": auth_methods,
    "organizations are made, read, listed and deleted": organizations,
    "tokens are made, read, listed, used and deleted": tokens,
    "session keys are made, used and deleted": session_keys,
    "what is unknown is refused": refusals,
}


def main() -> int:
    coder.api_domain = f"{URL}/api/v2/"
    coder.set_token(expect(sign_in(os.environ["CHANCERY_EMAIL"]), 201)["session_token"])
    steps = []
    for name, check in CHECKS.items():
        try:
            check()
            steps.append({"name": name, "ok": True})
        except Exception:  # noqa: BLE001 - whatever a check meets belongs in the report
            steps.append({"name": name, "ok": False, "error": traceback.format_exc()})
    ok = all(step["ok"] for step in steps)
    print(json.dumps({"client": f"coder-api {version('coder-api')}", "ok": ok, "steps": steps}, indent=2))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
