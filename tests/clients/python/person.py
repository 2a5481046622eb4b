"""Someone at a browser without a screen: signs in, reads the consent page, allows."""

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx2


class _FormParser(HTMLParser):
    """Collects the form with one id as a browser would submit it with its first submit button."""

    def __init__(self, form_id: str):
        super().__init__()
        self._form_id = form_id
        self._inside = False
        self._submitted = False
        self.form: dict[str, str] | None = None
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form" and attributes.get("id") == self._form_id:
            self._inside, self.form = True, attributes
        elif self._inside and tag in ("input", "button"):
            submits = attributes.get("type", "submit" if tag == "button" else "text") == "submit"
            if submits and self._submitted:
                return
            self._submitted = self._submitted or submits
            if name := attributes.get("name"):
                self.fields[name] = attributes.get("value", "")

    def handle_endtag(self, tag):
        if tag == "form":
            self._inside = False


class Person:
    """Keeps a browser's cookies."""

    def __init__(self) -> None:
        self._browser = httpx2.AsyncClient(headers={"Accept": "text/html,application/xhtml+xml"})

    async def sign_in(self, issuer: str, email: str, password: str) -> None:
        response = await self._browser.post(
            f"{issuer}/api/v2/users/login", json={"email": email, "password": password}
        )
        assert response.status_code == 201, f"sign-in answered {response.status_code}: {response.text}"

    async def allow(self, authorization_url: str) -> str:
        """Reads the consent page, allows, and returns where the server then sends the browser."""
        page = await self._browser.get(authorization_url)
        assert page.status_code == 200, f"the consent page answered {page.status_code}: {page.text}"
        parser = _FormParser("allow-form")
        parser.feed(page.text)
        assert parser.form is not None, f"the page has no form allow-form:\n{page.text}"
        assert parser.form.get("method", "get").lower() == "post", "the consent form is not a POST"
        action = urljoin(authorization_url, parser.form.get("action") or authorization_url)
        parts = urlsplit(action)
        answer = await self._browser.post(
            action,
            data=parser.fields,
            headers={
                "Origin": f"{parts.scheme}://{parts.netloc}",
                "Referer": authorization_url,
                "Sec-Fetch-Site": "same-origin",
            },
        )
        assert answer.status_code in (302, 303, 307), f"consent answered {answer.status_code}: {answer.text}"
        return answer.headers["location"]

    async def leave(self) -> None:
        await self._browser.aclose()
