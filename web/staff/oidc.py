"""Who somebody is, by an identity provider that speaks OpenID Connect, such as Microsoft Entra ID.

Authorization code with PKCE. Of the ID token everything is checked: signature, algorithm, issuer, audience, tenant,
nonce, times. Nothing that the provider says is shown.
"""

import re
import secrets
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from web.people import Grant, as_role, highest, read_email
from web.settings import Settings, is_loopback

with warnings.catch_warnings(record=True):  # it announces what it will be built on next
    from authlib.integrations.base_client.errors import OAuthError
    from authlib.integrations.httpx_client import OAuth2Client

TIMEOUT: Final = 5.0  # seconds
RENEWED: Final = 3_600.0  # seconds after which the provider's description and keys are read anew
LEEWAY: Final = 120  # seconds that its clock may differ
ALGORITHMS: Final = ["RS256", "PS256", "ES256"]
SCOPES: Final = "openid profile email"
TENANT: Final = re.compile(r"/([0-9a-zA-Z.-]{1,64})/v2\.0/?")


class ProviderError(Exception):
    """The provider cannot be asked, or what came from it does not hold; the words are for the log."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in under way: what the browser's cookie remembers until it comes back."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who came back. `subject` stays the same when name and address change."""

    subject: str
    email: str | None
    name: str
    grants: tuple[Grant, ...]


class Provider:
    """One identity provider; safe to share by threads. Every method raises ProviderError."""

    def __init__(self, settings: Settings) -> None:
        self._issuer = (settings.oidc_issuer or "").rstrip("/")
        self._client = settings.oidc_client_id or ""
        self._secret = settings.oidc_client_secret or ""
        self._roles = settings.oidc_roles
        tenant = TENANT.fullmatch(urlsplit(self._issuer).path)
        self._tenant = tenant[1] if tenant else None
        self._lock = threading.Lock()
        self._read_at = 0.0
        self._described: dict[str, Any] = {}
        self._keys: KeySet | None = None

    @property
    def gives_roles(self) -> bool:
        """Whether roles come from the provider."""
        return bool(self._roles)

    def begin(self, come_back: str) -> tuple[str, Begun]:
        """Return where to send the browser, and what to remember."""
        begun = Begun(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
        with self._asking(come_back) as client:
            address, _state = client.create_authorization_url(
                self._describe()["authorization_endpoint"],
                state=begun.state,
                nonce=begun.nonce,
                code_verifier=begun.verifier,
            )
        return str(address), begun

    def finish(self, come_back: str, begun: Begun | None, given: Mapping[str, str]) -> Person:
        """Return who came back with what is `given` in the address; `begun` is None where nothing was begun here."""
        if begun is None:
            raise ProviderError("nobody was sent there from this browser")
        if not secrets.compare_digest(given.get("state", "").encode(), begun.state.encode()):
            raise ProviderError("the state is not ours")
        if "code" not in given:
            raise ProviderError("there is no code")
        token = self._token(come_back, begun, given["code"])
        return self._person(self._claims(token, begun.nonce))

    def _token(self, come_back: str, begun: Begun, code: str) -> str:
        try:
            with self._asking(come_back) as client:
                answer = client.fetch_token(self._describe()["token_endpoint"], code=code, code_verifier=begun.verifier)
        except (OAuthError, httpx.HTTPError, ValueError) as error:
            raise ProviderError(f"no token: {type(error).__name__}") from error
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderError("there is no ID token")
        return token

    def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        try:
            try:
                found = jwt.decode(token, self._key_set(), algorithms=ALGORITHMS)
            except (JoseError, ValueError):  # perhaps its keys were changed since
                found = jwt.decode(token, self._key_set(anew=True), algorithms=ALGORITHMS)
            self._requirements(nonce).validate(found.claims)
        except (JoseError, ValueError) as error:
            raise ProviderError(f"the ID token does not hold: {type(error).__name__}") from error
        claims: dict[str, Any] = found.claims
        if self._tenant and claims.get("tid") != self._tenant:
            raise ProviderError("the ID token is of another tenant")
        if isinstance(claims["aud"], list) and claims.get("azp") != self._client:
            raise ProviderError("the ID token is for several, and not made for us")
        return claims

    def _requirements(self, nonce: str) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self._describe()["issuer"]},
            aud={"essential": True, "value": self._client},
            nonce={"essential": True, "value": nonce},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )

    def _person(self, claims: Mapping[str, Any]) -> Person:
        """Entra's `oid` is the same for all applications of a tenant, `sub` is ours alone."""
        key = f"{claims.get('tid', self._issuer)}/{claims.get('oid', claims['sub'])}"
        address = claims.get("preferred_username") or claims.get("email") or ""
        email = read_email(address) if isinstance(address, str) else None
        name = claims.get("name")
        return Person(key[:200], email, name[:100] if isinstance(name, str) else email or "?", self._grants(claims))

    def _grants(self, claims: Mapping[str, Any]) -> tuple[Grant, ...]:
        named = [name for claim in ("roles", "groups") for name in _texts(claims.get(claim))]
        given: dict[str, Grant] = {}
        for name in named:
            role_name, scope = self._roles.get(name, ("", ""))
            role = as_role(role_name)
            best = highest([role, *(grant.role for grant in given.values() if grant.scope == scope)]) if role else None
            if best:
                given[scope] = Grant(scope, best, "oidc")
        return tuple(given.values())

    def _asking(self, come_back: str) -> Any:
        return OAuth2Client(
            self._client,
            self._secret,
            scope=SCOPES,
            redirect_uri=come_back,
            code_challenge_method="S256",
            timeout=TIMEOUT,
            trust_env=False,
        )

    def _describe(self) -> dict[str, Any]:
        """Return the provider's description of itself, which must be of the issuer that we trust."""
        with self._lock:
            if not self._described or monotonic() - self._read_at > RENEWED:
                found = _fetch(f"{self._issuer}/.well-known/openid-configuration")
                if str(found.get("issuer", "")).rstrip("/") != self._issuer:
                    raise ProviderError("its description names another issuer")
                for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                    _check_address(found.get(name))
                self._described, self._read_at, self._keys = found, monotonic(), None
            return self._described

    def _key_set(self, *, anew: bool = False) -> KeySet:
        described = self._describe()
        with self._lock:
            if self._keys is None or anew:
                self._keys = KeySet.import_key_set(_fetch(described["jwks_uri"]))  # type: ignore[arg-type]  # as fetched
            return self._keys


def _fetch(address: str) -> dict[str, Any]:
    try:
        answer = httpx.get(address, timeout=TIMEOUT, follow_redirects=False, trust_env=False)
        answer.raise_for_status()
        found = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise ProviderError(f"{urlsplit(address).hostname}: {type(error).__name__}") from error
    if not isinstance(found, dict):
        raise ProviderError(f"{urlsplit(address).hostname}: no JSON object")
    return found


def _check_address(address: object) -> None:
    parts = urlsplit(address if isinstance(address, str) else "")
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise ProviderError("its description names an address without https")


def _texts(claim: object) -> list[str]:
    return [one for one in claim if isinstance(one, str)] if isinstance(claim, list) else []
