"""Schemathesis over `/openapi.json`: as an owner, as a member and as nobody, every answer is one that the document names."""

import json
import os
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import httpx2

HERE = Path(__file__).parent
URL = os.environ["CHANCERY_URL"]
EMAIL = os.environ["CHANCERY_EMAIL"]
PASSWORD = os.environ["CHANCERY_PASSWORD"]


class Api:
    """The management API with one person's session."""

    def __init__(self, email: str):
        self._http = httpx2.Client(base_url=f"{URL}/api/v2")
        self.token = self.post("/users/login", {"email": email, "password": PASSWORD})["session_token"]
        self._http.headers["Coder-Session-Token"] = self.token
        # Only the header counts: a cookie would need a CSRF proof as well.
        self._http.cookies.clear()

    def post(self, path: str, body: dict) -> dict:
        answer = self._http.post(path, json=body)
        assert answer.status_code == 201, f"POST {path} answered {answer.status_code}: {answer.text}"
        return answer.json()

    def get(self, path: str):
        answer = self._http.get(path)
        assert answer.status_code == 200, f"GET {path} answered {answer.status_code}: {answer.text}"
        return answer.json()


def world(owner: Api) -> dict:
    """Makes something for every parameter to name."""
    organization = owner.get("/organizations/default")["id"]

    def person(name: str) -> str:
        body = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
        body |= {"user_status": "active", "organization_ids": [organization]}
        return owner.post("/users", body)["id"]

    def app(name: str) -> tuple[str, str]:
        made = owner.post("/oauth2-provider/apps", {"name": name, "callback_url": os.environ["REDIRECT_URI"]})["id"]
        return made, owner.post(f"/oauth2-provider/apps/{made}/secrets", {})["id"]

    def group(name: str) -> str:
        return owner.post(f"/organizations/{organization}/groups", {"name": name})["id"]

    def key(name: str) -> str:
        owner.post("/users/me/keys/tokens", {"token_name": name})
        return owner.get(f"/users/me/keys/tokens/{name}")["id"]

    member, spare, doomed = person("member"), person("spare"), person("doomed")
    other = owner.post("/organizations", {"name": "other"})["id"]
    client = os.environ["CLIENT_ID"]
    secrets = owner.get(f"/oauth2-provider/apps/{client}/secrets")
    known = {
        "user": ["me", "member", spare],
        "organization": [organization, "default", other],
        "organizationname": ["other"],
        "organization_ids": [[organization], [other]],
        "group": [group("crew"), organization],
        "groupName": ["Everyone"],
        "add_users": [[member]],
        "remove_users": [[member]],
        "has_member": ["member"],
        "roles": [["auditor"], []],
        "keyid": [key("known")],
        "keyname": ["known"],
        "app": [client, os.environ["RESOURCE_CLIENT_ID"]],
        "secret_id": [secrets[0]["id"]],
        "client_id": [client],
        "client_secret": [os.environ["CLIENT_SECRET"]],
        "response_type": ["code"],
        "grant_type": ["authorization_code", "refresh_token"],
        "redirect_uri": [os.environ["REDIRECT_URI"]],
        "callback_url": [os.environ["REDIRECT_URI"]],
        "schedule": ["CRON_TZ=Europe/Berlin 30 2 * * *"],
        "position": [1, 2, 10],
        "type": ["user", "organization"],
        "id": [member, organization],
        "limit": [1, 50],
        "offset": [0],
        "q": ["status:active", ""],
        # Whatever was made above is there at this position.
        "as_of": [owner.get("/ledger/events?newest_first=true&limit=1")["events"][0]["position"]],
    }
    doomed_app, doomed_secret = app("doomed")
    gone = {
        "user": [doomed],
        "organization": [owner.post("/organizations", {"name": "doomed"})["id"], "default"],
        "group": [group("doomed"), organization],
        "keyid": [key("doomed")],
        "app": [doomed_app],
        "secret_id": [doomed_secret],
    }
    return {"KNOWN": json.dumps(known), "DOOMED": json.dumps(gone), "SPARE_USER": spare, "DOOMED_USER": doomed}


def run(identity: str, token: str | None, known: dict, folder: str) -> dict:
    """One run of Schemathesis; its own output is the error text."""
    report = Path(folder) / f"{identity}.json"
    arguments = ["--config-file", HERE / "schemathesis.toml", "run", f"{URL}/openapi.json", "--no-color"]
    arguments += ["--report-json-path", report]
    if token:
        # Credentials that Schemathesis makes up would stand in for the person's; nobody is given those.
        arguments += ["--header", f"Coder-Session-Token: {token}", "--generation-with-security-parameters", "false"]
        # Signing out ends the run's own session.
        arguments += ["--exclude-operation-id", "log_out"]
    program = Path(sys.executable).with_name("schemathesis")
    environment = os.environ | known | {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE)}
    done = subprocess.run([program, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    step = {"name": f"every answer to {identity} is documented", "ok": done.returncode == 0}
    return step if step["ok"] else step | {"error": done.stdout + done.stderr}


def main() -> int:
    owner = Api(EMAIL)
    known = world(owner)
    people = {"an owner": owner.token, "a member": Api("member@example.com").token, "nobody": None}
    with tempfile.TemporaryDirectory() as folder:
        steps = [run(identity, token, known, folder) for identity, token in people.items()]
    for identity, token in people.items():
        if token:
            answer = httpx2.get(f"{URL}/api/v2/users/me", headers={"Coder-Session-Token": token})
            steps.append({"name": f"{identity} is still signed in", "ok": answer.status_code == 200})
    ok = all(step["ok"] for step in steps)
    print(json.dumps({"client": f"schemathesis {version('schemathesis')}", "ok": ok, "steps": steps}, indent=2))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
