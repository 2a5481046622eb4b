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

# What an owner is always refused in these runs.
NEVER_DONE = {
    # There is a first user.
    "create_first_user",
    # The people whose password is known have other addresses than those that are tried.
    "log_in",
    # A server without a signing key makes no checkpoints.
    "get_ledger_proof",
    "get_ledger_log_checkpoint",
    # A licence is signed by a key that this server does not know; tests/licenses makes and deletes real ones.
    "create_license",
    "delete_license",
    # A provisioner key cannot be guessed; tests/provisioner_keys shows real ones.
    "get_provisioner_key",
    # It is answered by a web socket; tests/provisioner_daemons has a daemon.
    "serve_provisioner_daemon",
    # This server has no key for SCIM; tests/scim speaks it.
    "get_service_provider_config",
    "list_scim_users",
    "create_scim_user",
    "get_scim_user",
    "replace_scim_user",
    "update_scim_user",
    # A code or refresh token cannot be guessed; the other clients exchange real ones.
    "exchange_oauth2_token",
    "exchange_oauth2_token_singular",
    "api_exchange_oauth2_token",
    "api_exchange_oauth2_token_singular",
    # Nobody may register until an owner says so, and a registration access token cannot be guessed; tests/oauth2_contract does both.
    "register_oauth2_client",
    "api_register_oauth2_client",
    "get_oauth2_client",
    "api_get_oauth2_client",
    "update_oauth2_client",
    "api_update_oauth2_client",
    "delete_oauth2_client",
    "api_delete_oauth2_client",
    # A grant's id is drawn; tests/oauth2_contract takes real ones back.
    "delete_oauth2_grant",
}


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

    def group(name: str) -> str:
        return owner.post(f"/organizations/{organization}/groups", {"name": name})["id"]

    def key(name: str) -> str:
        owner.post("/users/me/keys/tokens", {"token_name": name})
        return owner.get(f"/users/me/keys/tokens/{name}")["id"]

    def provisioner_key(name: str) -> str:
        owner.post(f"/organizations/{organization}/provisionerkeys", {"name": name})
        return name

    member, spare, doomed = person("member"), person("spare"), person("doomed")
    other = owner.post("/organizations", {"name": "other"})["id"]
    client = os.environ["CLIENT_ID"]
    secret = owner.get(f"/oauth2-provider/apps/{client}/secrets")[0]["id"]
    doomed_secret = owner.post(f"/oauth2-provider/apps/{client}/secrets", {})["id"]
    doomed_app = owner.post("/oauth2-provider/apps", {"name": "doomed", "callback_url": os.environ["REDIRECT_URI"]})["id"]
    known = {
        "user": ["me", member, spare],
        "name": ["{fresh}"],
        "username": ["{fresh}"],
        "email": ["{fresh}@example.com"],
        # A new one each time: the present password cannot be set again.
        "password": [PASSWORD + "-{fresh}"],
        "old_password": [""],
        "login_type": [""],
        "user_status": ["active"],
        "organization": [organization, "default", other],
        "organizationname": ["other"],
        "organization_ids": [[organization], [other]],
        "group": [group("crew"), organization],
        "groupName": ["Everyone"],
        "add_users": [[member]],
        "remove_users": [[member]],
        "has_member": [member],
        "roles": [["auditor"], []],
        "keyid": [key("known")],
        "keyname": ["known"],
        "app": [client, os.environ["RESOURCE_CLIENT_ID"]],
        "secret_id": [secret],
        "client_id": [client],
        "client_secret": [os.environ["CLIENT_SECRET"]],
        "response_type": ["code"],
        "state": ["state"],
        "scope": ["read"],
        "resource": ["https://tools.example.com/mcp"],
        "code_challenge": ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"],
        "code_challenge_method": ["S256"],
        "token": ["0123456789-0123456789012345678901"],
        "token_type_hint": ["access_token"],
        "grant_type": ["authorization_code", "refresh_token"],
        "redirect_uri": [os.environ["REDIRECT_URI"]],
        "redirect_uris": [[os.environ["REDIRECT_URI"]]],
        "callback_url": [os.environ["REDIRECT_URI"]],
        "schedule": ["CRON_TZ=Europe/Berlin 30 2 * * *"],
        "provisionerkey": [provisioner_key("known")],
        "tags": [{}, {"region": "eu"}],
        "position": [1, 2, 10],
        "type": ["user", "organization"],
        "id": [member, organization],
        "limit": [1, 50],
        "offset": [0],
        "q": ["status:active", ""],
        # Whatever was made above is there at this position.
        "as_of": [owner.get("/ledger/events?newest_first=true&limit=1")["events"][0]["position"]],
    }
    gone = {
        "user": [doomed],
        "organization": [owner.post("/organizations", {"name": "doomed"})["id"], "default"],
        "group": [group("doomed"), organization],
        "keyid": [key("doomed")],
        "provisionerkey": [provisioner_key("doomed")],
        "app": [doomed_app],
        "client_id": [doomed_app],
        "secret_id": [doomed_secret],
    }
    return {"KNOWN": json.dumps(known), "DOOMED": json.dumps(gone), "SPARE_USER": spare, "DOOMED_USER": doomed}


def run(identity: str, token: str | None, known: dict, folder: Path) -> dict:
    """One run of Schemathesis; its own output is the error text."""
    arguments = ["--config-file", HERE / "schemathesis.toml", "run", f"{URL}/openapi.json", "--no-color"]
    if token:
        # Credentials that Schemathesis makes up would stand in for the person's; nobody is given those.
        arguments += ["--header", f"Coder-Session-Token: {token}", "--generation-with-security-parameters", "false"]
        # Signing out ends the run's own session.
        arguments += ["--exclude-operation-id", "log_out"]
    program = Path(sys.executable).with_name("schemathesis")
    environment = os.environ | known | {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE)}
    environment |= {"ANSWERS": str(folder / f"{identity}.txt"), "FRESH": identity.split()[-1]}
    done = subprocess.run([program, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    step = {"name": f"every answer to {identity} is documented", "ok": done.returncode == 0}
    return step if step["ok"] else step | {"error": done.stdout + done.stderr}


def never_done(answers: Path) -> list[str]:
    """The operations that were refused every time."""
    done: dict[str, bool] = {}
    for line in answers.read_text(encoding="utf-8").splitlines():
        operation, status = line.split()
        done[operation] = done.get(operation, False) or status < "400"
    return sorted(operation for operation, ok in done.items() if not ok)


def main() -> int:
    owner = Api(EMAIL)
    known = world(owner)
    people = {"an owner": owner.token, "a member": Api("member@example.com").token, "nobody": None}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        steps = [run(identity, token, known, folder) for identity, token in people.items()]
        refused = [operation for operation in never_done(folder / "an owner.txt") if operation not in NEVER_DONE]
    steps.append({"name": "an owner was not always refused", "ok": not refused, "error": refused})
    for identity, token in people.items():
        if token:
            answer = httpx2.get(f"{URL}/api/v2/users/me", headers={"Coder-Session-Token": token})
            steps.append({"name": f"{identity} is still signed in", "ok": answer.status_code == 200})
    ok = all(step["ok"] for step in steps)
    print(json.dumps({"client": f"schemathesis {version('schemathesis')}", "ok": ok, "steps": steps}, indent=2))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
